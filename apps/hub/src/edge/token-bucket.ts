export type Rate = { capacity: number; perSecond: number };

/** Fills at a steady rate up to its capacity; each packet takes one. Pure: the time comes in. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.capacity;
    this.#filledMs = nowMs;
  }

  take(nowMs: number): boolean {
    const { capacity, perSecond } = this.#rate;
    const passedMs = Math.max(0, nowMs - this.#filledMs);
    this.#filledMs = Math.max(this.#filledMs, nowMs);
    this.#tokens = Math.min(capacity, this.#tokens + (passedMs * perSecond) / 1_000);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
