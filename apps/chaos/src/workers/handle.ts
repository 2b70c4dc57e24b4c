/** What a store does with an event, by the fate that the event carries. Throws where the handler fails. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Effects, effectOf } from "./effects.ts";
import { fingerprint } from "./fingerprint.ts";
import { loadSchema } from "./workload.ts";

export type Received = {
  queue: string;
  offset: number;
  redrive: number;
  event: { id: string; type: string; parcel: string; store: string; at: string; data: object };
};

export type HandlerParts = {
  effects: Effects;
  leaseMs: number;
  /** Told once by the supervisor: the next event kills this process between its effect and its ack. */
  mustDieBetween(): boolean;
};

/** As SIGKILL from outside would, at this very instruction. */
const die = (): never => {
  process.kill(process.pid, "SIGKILL");
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000); // Until the signal is here.
};

/** A start takes its time, on a busy machine a lot of it: a process that only ever starts drains no backlog. */
const LIFE_S_MIN = 20;
const mayDie = (): boolean => process.uptime() > LIFE_S_MIN;

export async function handle(received: Received, vendor: string, { effects, leaseMs, mustDieBetween }: HandlerParts): Promise<void> {
  const { event } = received;
  const { id, parcel, store } = event;
  const load = loadSchema.parse("extra" in event.data ? event.data.extra : {});
  const apply = () => {
    effects.apply(store, effectOf({ ...received, id, parcel }, { load, print: fingerprint(event), vendor }));
  };
  switch (load.fate) {
    case "poison":
      effects.tried(store, id);
      throw new Error("This event can never be handled.");
    case "fails":
      if (effects.tries(store, id) < load.fails) {
        effects.tried(store, id);
        throw new Error("Not yet.");
      }
      break;
    case "hangs":
      if (effects.tried(store, id) === 0) await sleep(leaseMs * 1.5);
      break;
    case "dies-before":
      if (mayDie() && effects.tried(store, id) === 0) die();
      break;
    case "dies-between":
      if (mayDie() && effects.tried(store, id) === 0) {
        apply();
        die();
      }
      break;
  }
  apply();
  if (mustDieBetween()) die();
}
