/** Times of one phase, in µs: fixed memory per event, sorted once at the end. */
export class Latencies {
  #us: Float64Array;
  #count = 0;

  constructor(capacity: number) {
    this.#us = new Float64Array(capacity);
  }

  add(us: number): void {
    if (this.#count < this.#us.length) this.#us[this.#count++] = us;
  }

  /** In ms; `share` 0.5 is the median. 0 when there is none. */
  at(share: number): number {
    const sorted = this.#us.slice(0, this.#count).sort();
    return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) / 1_000;
  }
}

/** Of one machine, the same for all processes; in µs. */
export const monotonicUs = (): number => Number(process.hrtime.bigint() / 1_000n);
