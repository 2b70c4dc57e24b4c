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
 * Two pages by age, and the older one goes as a whole: taking the oldest out one by one cost more than all the rest of a delivery. It is written
 * anew as the young one: what is remembered for long, event by event, is what V8's collectors of garbage have to walk through.
 */
export class VerdictMemory {
  #young = new Page();
  #old = new Page();

  remember(place: Remembered, verdict: Verdict): void {
    if (this.#young.size >= REMEMBERED_MIN) {
      const oldest = this.#old;
      this.#old = this.#young;
      this.#young = oldest;
      oldest.clear();
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

/** Of a run's three numbers: its first offset, its last, and when they were recorded. */
const TO = 1;
const RECORDED_AT_MS = 2;
const RUN = 3;

/** Acks are written down and looked for by next to nobody: what finds them is made for the first who asks. */
class Page {
  #size = 0;
  /** Offsets that follow each other, of one time of recording: so are most of a commit's. Each in `RUN` numbers, for an object each would live for long. */
  readonly #runs: number[] = [];
  /** So many of these are in use. */
  #used = 0;
  /** Instead of the runs, from when it is made on. */
  #ackedAt: Map<DeliveryKey, number> | null = null;
  readonly #failures = new Map<DeliveryKey, { verdict: Verdict; recordedAtMs: number }>();

  get size(): number {
    return this.#size + this.#failures.size;
  }

  clear(): void {
    this.#size = 0;
    this.#used = 0;
    this.#ackedAt = null;
    this.#failures.clear();
  }

  acked(place: Remembered): void {
    this.#size += 1;
    if (this.#ackedAt !== null || place.redrive > 0) this.#find().set(keyOf(place), place.recordedAtMs);
    else this.#append(place);
  }

  failed(place: Remembered, verdict: Verdict): void {
    this.#failures.set(keyOf(place), { verdict, recordedAtMs: place.recordedAtMs });
  }

  isAcked(place: Remembered): boolean {
    return this.#find().get(keyOf(place)) === place.recordedAtMs;
  }

  takeFailure(place: Remembered): Verdict | undefined {
    if (this.#failures.size === 0) return undefined;
    const key = keyOf(place);
    const failure = this.#failures.get(key);
    if (failure === undefined) return undefined;
    this.#failures.delete(key);
    return failure.recordedAtMs === place.recordedAtMs ? failure.verdict : undefined;
  }

  #append({ offset, recordedAtMs }: Remembered): void {
    const runs = this.#runs;
    const last = this.#used - RUN;
    if (last >= 0 && runs[last + TO] === offset - 1 && runs[last + RECORDED_AT_MS] === recordedAtMs) {
      runs[last + TO] = offset;
      return;
    }
    const next = this.#used;
    runs[next] = offset;
    runs[next + TO] = offset;
    runs[next + RECORDED_AT_MS] = recordedAtMs;
    this.#used = next + RUN;
  }

  #find(): Map<DeliveryKey, number> {
    if (this.#ackedAt !== null) return this.#ackedAt;
    const ackedAt = new Map<DeliveryKey, number>();
    const runs = this.#runs;
    for (let run = 0; run < this.#used; run += RUN) {
      const to = runs[run + TO] ?? 0;
      for (let offset = runs[run] ?? 0; offset <= to; offset += 1) ackedAt.set(offset, runs[run + RECORDED_AT_MS] ?? 0);
    }
    this.#used = 0;
    this.#ackedAt = ackedAt;
    return ackedAt;
  }
}
