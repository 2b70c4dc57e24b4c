/** The supervisor's own publisher, straight to the hub: while the disk is full, an answer must come all the same, stored or "later". */
import { plainConfirmSchema } from "@waybill/events";
import { createChance, type History, monotonicUs } from "@waybill/testkit";
import { io } from "socket.io-client";
import { fingerprint } from "../workers/fingerprint.ts";
import type { ClientRecord } from "../workers/records.ts";
import { createWorkload } from "../workers/workload.ts";

export type Probe = {
  /** Publishes one event, while nothing else disturbs the hub; `isDisturbed` is asked afterwards again. */
  ask(isDisturbed: () => boolean): Promise<void>;
  close(): void;
};

/** It takes milliseconds; on a machine that is busy with other things, seconds. What must never be is no answer at all. */
const ANSWER_MS = 15_000;

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

  return {
    async ask(isDisturbed) {
      if (isDisturbed() || !socket.connected) return;
      const { id: connection } = socket;
      const { type, ...event } = workload.next(0);
      const { id, parcel, data } = event;
      const print = fingerprint({ type, ...event });
      write({ kind: "intent", t: monotonicUs(), id, producer: "probe", parcel, store, n: Number(data?.extra?.n), print });
      const answer: unknown = await socket
        .timeout(ANSWER_MS)
        .emitWithAck(type, event)
        .catch(() => null);
      const reply = plainConfirmSchema.safeParse(answer);
      const broken = (message: string) => write({ kind: "broken", t: monotonicUs(), invariant: "I14", message });
      if (!reply.success) {
        if (!isDisturbed() && socket.id === connection) broken(`no answer on a full disk within ${ANSWER_MS} ms`);
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
