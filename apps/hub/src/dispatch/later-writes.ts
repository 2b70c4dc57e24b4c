/**
 * What an engine took and offered is written with what its consumers settle, which comes within milliseconds where they are quick: half as many
 * writes and turns where each store has an event now and then. Where they are slow it goes after this time.
 */
const WAIT_MS = 100;

export type LateWriter = { write(): void };

/** One timer for all whose writes wait. */
export class LaterWrites {
  #waiting = new Set<LateWriter>();

  add(one: LateWriter): void {
    if (this.#waiting.size === 0) setTimeout(this.#writeAll, WAIT_MS).unref();
    this.#waiting.add(one);
  }

  readonly #writeAll = (): void => {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const one of waiting) one.write();
  };
}
