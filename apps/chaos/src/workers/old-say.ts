import { setTimeout as sleep } from "node:timers/promises";
import { plainConfirmSchema } from "@waybill/events";
import { type History, monotonicUs } from "@waybill/testkit";
import { ask, type PlainSocket } from "./plain-socket.ts";
import type { ClientRecord } from "./records.ts";

const ANSWER_MS = 3_000;
const AGAIN_MS = 150;

export type OldSaying = { name: string; messageId: string; store: string; order: object };

/** Says it under one message id until the hub answers that it is stored. Nothing of this may be refused for good: `false`, and the judge is told. */
export async function sayUntilStored(
  socket: PlainSocket,
  { name, messageId, store, order }: OldSaying,
  history: History,
): Promise<boolean> {
  const body = { event: name, messageId, clientId: store, order };
  for (;;) {
    const answer = socket.connected ? plainConfirmSchema.safeParse(await ask(socket, { name, body, answerMs: ANSWER_MS })) : null;
    if (answer?.success && answer.data.outcome !== "refused") return true;
    if (answer?.success && answer.data.outcome === "refused" && answer.data.error.retry === "never") {
      const message = `an old client's ${messageId} was refused for good: ${answer.data.error.code}`;
      history.write({ kind: "broken", t: monotonicUs(), invariant: "I14", message } satisfies ClientRecord);
      return false;
    }
    await sleep(AGAIN_MS);
  }
}
