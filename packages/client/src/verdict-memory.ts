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
const REMEMBERED_MAX = 8_192;

/** What was settled, for events that the hub offers again because it never heard of it, or lost it with its last commit. */
export class VerdictMemory {
  readonly #verdicts = new Map<DeliveryKey, Verdict>();

  remember(key: DeliveryKey, verdict: Verdict): void {
    this.#verdicts.set(key, verdict);
    if (this.#verdicts.size <= REMEMBERED_MAX) return;
    const [oldest] = this.#verdicts.keys();
    if (oldest !== undefined) this.#verdicts.delete(oldest);
  }

  /** An ack stays true however often it is asked for; a failure is told once: the next offer is a new attempt. */
  recall(key: DeliveryKey): Verdict | undefined {
    const verdict = this.#verdicts.get(key);
    if (verdict !== undefined && verdict.kind !== "ack") this.#verdicts.delete(key);
    return verdict;
  }
}
