/** Who has something to do soon. */
export type Due = { turn(): void };

/**
 * One callback for all who are due, in their order: a commit has news for a hundred subscriptions, and a callback of its own costs each
 * as much as its news.
 */
export class NextTurn {
  #due: Due[] = [];
  #isAtOnce = false;

  /** Behind all that peers say in this turn of the loop. */
  add(one: Due): void {
    if (this.#due.length === 0) setImmediate(this.#begin);
    this.#due.push(one);
  }

  /**
   * For news of a commit: behind all that the storage answered with it, and before those go on who wait for that. A consumer waits for an
   * event since it was published, and to write its publisher's confirm takes as long as to deliver it.
   */
  addAtOnce(one: Due): void {
    this.#due.push(one);
    if (this.#isAtOnce) return;
    this.#isAtOnce = true;
    queueMicrotask(this.#begin);
  }

  readonly #begin = (): void => {
    const due = this.#due;
    this.#due = [];
    this.#isAtOnce = false;
    for (const one of due) one.turn();
  };
}
