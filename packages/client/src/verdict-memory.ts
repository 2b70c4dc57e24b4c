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

/**
 * What was settled, for events that the hub offers again because it never heard of it, or lost it with its last commit.
 * Another time of recording at the same place is another event: an older copy of the hub's folder was put back by hand.
 * Two pages by age, and the older one goes as a whole: taking the oldest out one by one cost more than all the rest of a delivery.
 */
export class VerdictMemory {
  #young = new Page();
  #old = new Page();

  remember(place: Remembered, verdict: Verdict): void {
    if (this.#young.size >= REMEMBERED_MIN) {
      this.#old = this.#young;
      this.#young = new Page();
    }
    if (verdict.kind === "ack") {
      this.#old.takeFailure(place);
      this.#young.takeFailure(place);
      this.#young.acked(place);
    } else this.#young.failed(place, verdict);
  }

  /** An ack stays true however often it is asked for; a failure is told once: the next offer is a new attempt. */
  recall(place: Remembered): Verdict | undefined {
    const failure = this.#young.takeFailure(place) ?? this.#old.takeFailure(place);
    return failure ?? (this.#young.isAcked(place) || this.#old.isAcked(place) ? ACK : undefined);
  }
}

/** Acks are written down and looked for by next to nobody: what finds them is made for the first who asks. */
class Page {
  readonly #acks: { keys: DeliveryKey[]; recordedAtMs: number[] } = { keys: [], recordedAtMs: [] };
  #ackedAt: Map<DeliveryKey, number> | null = null;
  readonly #failures = new Map<DeliveryKey, { verdict: Verdict; recordedAtMs: number }>();

  get size(): number {
    return this.#acks.keys.length + this.#failures.size;
  }

  acked(place: Remembered): void {
    const key = keyOf(place);
    this.#acks.keys.push(key);
    this.#acks.recordedAtMs.push(place.recordedAtMs);
    this.#ackedAt?.set(key, place.recordedAtMs);
  }

  failed(place: Remembered, verdict: Verdict): void {
    this.#failures.set(keyOf(place), { verdict, recordedAtMs: place.recordedAtMs });
  }

  isAcked(place: Remembered): boolean {
    const { keys, recordedAtMs } = this.#acks;
    this.#ackedAt ??= new Map(keys.map((key, index) => [key, recordedAtMs[index] ?? 0]));
    return this.#ackedAt.get(keyOf(place)) === place.recordedAtMs;
  }

  takeFailure(place: Remembered): Verdict | undefined {
    if (this.#failures.size === 0) return undefined;
    const key = keyOf(place);
    const failure = this.#failures.get(key);
    if (failure === undefined) return undefined;
    this.#failures.delete(key);
    return failure.recordedAtMs === place.recordedAtMs ? failure.verdict : undefined;
  }
}
