/** The supervisor's own publisher, straight to the hub: while the disk is full, an answer must come all the same, stored or "later". */
import { setTimeout as sleep } from "node:timers/promises";
import { plainConfirmSchema } from "@waybill/events";
import { createChance, type History, monotonicUs } from "@waybill/testkit";
import { io } from "socket.io-client";
import { fingerprint } from "../workers/fingerprint.ts";
import type { ClientRecord } from "../workers/records.ts";
import { createWorkload } from "../workers/workload.ts";

export type Probe = {
  /** Publishes one event, while nothing else is done to the hub. */
  ask(isQuiet: () => boolean): Promise<void>;
  close(): void;
};

/**
 * The promise is an answer within two seconds. They are counted in time in which the hub's event loop surely ran: a question that
 * needs no disk is asked over and over beside it, and of each of these answers a tenth of a second counts at most. So a
 * machine that gives the hub no time has all the time it takes, and a hub that sits on a publish is found out.
 */
const ANSWER_MS = 2_000;
const COUNTS_MS = 100;
const BETWEEN_MS = 50;
/** No answer to anything for so long: that is for others to judge. */
const SILENT_MS = 30_000;

export function openProbe({ url, token, store, history }: { url: string; token: string; store: string; history: History }): Probe {
  const socket = io(`${url}/driver`, { auth: { token }, forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 200 });
  const workload = createWorkload({
    producer: "probe",
    life: 0,
    chance: createChance("probe"),
    stores: [store],
    hotStore: store,
    allows: (fate) => fate === "ok",
  });
  const write = (record: ClientRecord) => history.write(record);

  const request = (name: string, body: unknown): Promise<unknown> =>
    socket
      .timeout(SILENT_MS)
      .emitWithAck(name, body)
      .catch(() => null);

  /** `null`: none came. */
  async function answerTo(type: string, event: object): Promise<unknown> {
    let isAnswered = false;
    const answer = request(type, event).finally(() => {
      isAnswered = true;
    });
    for (let ranMs = 0; ranMs < ANSWER_MS && !isAnswered; ) {
      const askedMs = performance.now();
      await Promise.race([answer, Promise.all([request("subscribe", { queue: "driver/not-mine" }), sleep(BETWEEN_MS)])]);
      ranMs += Math.min(performance.now() - askedMs, COUNTS_MS);
    }
    return isAnswered ? answer : null;
  }

  return {
    async ask(isQuiet) {
      if (!isQuiet() || !socket.connected) return;
      const { id: connection } = socket;
      const { type, ...event } = workload.next(0);
      const { id, parcel, data } = event;
      const print = fingerprint({ type, ...event });
      write({ kind: "intent", t: monotonicUs(), id, producer: "probe", parcel, store, n: Number(data?.extra?.n), print });
      const answer = await answerTo(type, event);
      const reply = plainConfirmSchema.safeParse(answer);
      const broken = (message: string) => write({ kind: "broken", t: monotonicUs(), invariant: "I14", message });
      if (!reply.success) {
        if (isQuiet() && socket.id === connection) broken(`no answer on a full disk within ${ANSWER_MS} ms`);
        return;
      }
      if (reply.data.outcome !== "refused") {
        write({ kind: "answer", t: monotonicUs(), id, outcome: reply.data.outcome, queue: reply.data.queue, offset: reply.data.offset });
      } else if (reply.data.error.retry !== "backoff") {
        broken(`a publish on a full disk was refused for good: ${reply.data.error.code}`);
      } else {
        write({ kind: "proved", t: monotonicUs(), invariant: "I14", what: "a publish on a full disk is refused, to be tried again" });
      }
    },
    close: () => void socket.disconnect(),
  };
}
