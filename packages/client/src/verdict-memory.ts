import type { Place } from "./in-hand.ts";
import { ACK, type Verdict } from "./settle-buffer.ts";

/** Identity of a delivery within a generation. */
export type DeliveryKey = number | string;
export const keyOf = ({ offset, redrive }: Pick<Place, "offset" | "redrive">): DeliveryKey =>
  redrive === 0 ? offset : `${offset}/${redrive}`;

type Remembered = Pick<Place, "offset" | "redrive" | "recordedAtMs">;

/**
 * More than a hub can have in hand with one consumer and lose with its last commit: older ones are never offered again
 * by mistake. (Credit is 1,024 events; settles are written 5 ms later at most.)
 */
export const REMEMBERED_MIN = 8_192;

/** An ack is kept as the time at which its event was recorded: one number, no object. */
type Kept = number | { verdict: Verdict; recordedAtMs: number };

/**
 * What was settled, for events that the hub offers again because it never heard of it, or lost it with its last commit.
 * Another time of recording at the same place is another event: an older copy of the hub's folder was put back by hand.
 * Two maps by age, and the older one goes as a whole: taking the oldest key out of one map, event by event, cost more
 * than all the rest of a delivery.
 */
export class VerdictMemory {
  #young = new Map<DeliveryKey, Kept>();
  #old = new Map<DeliveryKey, Kept>();

  remember(place: Remembered, verdict: Verdict): void {
    if (this.#young.size >= REMEMBERED_MIN) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    const { recordedAtMs } = place;
    this.#young.set(keyOf(place), verdict.kind === "ack" ? recordedAtMs : { verdict, recordedAtMs });
  }

  /** An ack stays true however often it is asked for; a failure is told once: the next offer is a new attempt. */
  recall(place: Remembered): Verdict | undefined {
    const key = keyOf(place);
    const kept = this.#young.get(key) ?? this.#old.get(key);
    if (kept === undefined || kept === place.recordedAtMs) return kept === undefined ? undefined : ACK;
    this.#young.delete(key);
    this.#old.delete(key);
    return typeof kept === "object" && kept.recordedAtMs === place.recordedAtMs ? kept.verdict : undefined;
  }
}
