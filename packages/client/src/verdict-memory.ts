import type { Place } from "./in-hand.ts";
import type { Verdict } from "./settle-buffer.ts";

/** Identity of a delivery within a generation. */
export type DeliveryKey = number | string;
export const keyOf = ({ offset, redrive }: Pick<Place, "offset" | "redrive">): DeliveryKey =>
  redrive === 0 ? offset : `${offset}/${redrive}`;

/**
 * More than a hub can have in hand with one consumer and lose with its last commit: older ones are never offered again
 * by mistake. (Credit is 1,024 events; settles are written 5 ms later at most.)
 */
export const REMEMBERED_MIN = 8_192;

/**
 * What was settled, for events that the hub offers again because it never heard of it, or lost it with its last commit.
 * Two maps by age, and the older one goes as a whole: taking the oldest key out of one map, event by event, cost more
 * than all the rest of a delivery.
 */
export class VerdictMemory {
  #young = new Map<DeliveryKey, Verdict>();
  #old = new Map<DeliveryKey, Verdict>();

  remember(key: DeliveryKey, verdict: Verdict): void {
    if (this.#young.size >= REMEMBERED_MIN) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, verdict);
  }

  /** An ack stays true however often it is asked for; a failure is told once: the next offer is a new attempt. */
  recall(key: DeliveryKey): Verdict | undefined {
    const verdict = this.#young.get(key) ?? this.#old.get(key);
    if (verdict !== undefined && verdict.kind !== "ack") {
      this.#young.delete(key);
      this.#old.delete(key);
    }
    return verdict;
  }
}
