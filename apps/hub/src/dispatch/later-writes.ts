/**
 * What an engine took and offered is written with what its consumers settle, which comes within milliseconds where they are quick: half as many
 * writes and turns where each store has an event now and then. Where they are slow it goes after this time, or after half of it.
 */
const WAIT_MS = 100;

export type LateWriter = { write(): void };

/**
 * One timer for all whose writes wait. It rings at every half of the time, for those who waited already when it rang before: who was just
 * added would else write a moment before its consumers settle, and then once more.
 */
export class LaterWrites {
  #latest = new Set<LateWriter>();
  #earlier = new Set<LateWriter>();
  #isTimed = false;

  add(one: LateWriter): void {
    this.#latest.add(one);
    this.#ringLater();
  }

  /** It wrote by itself: nobody needs to look at it again, and with thousands of them each look is at memory that is far away. */
  remove(one: LateWriter): void {
    if (!this.#latest.delete(one)) this.#earlier.delete(one);
  }

  #ringLater(): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    setTimeout(this.#ring, WAIT_MS / 2).unref();
  }

  readonly #ring = (): void => {
    this.#isTimed = false;
    const due = this.#earlier;
    this.#earlier = this.#latest;
    this.#latest = new Set();
    if (this.#earlier.size > 0) this.#ringLater();
    for (const one of due) one.write();
  };
}
