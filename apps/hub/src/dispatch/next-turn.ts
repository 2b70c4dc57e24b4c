/** Who has something to do in the next turn of the loop. */
export type Due = { turn(): void };

/** One immediate for all who are due, in their order: a commit has news for a hundred subscriptions, and an immediate of its own costs each as much as its news. */
export class NextTurn {
  #due: Due[] = [];

  add(one: Due): void {
    if (this.#due.length === 0) setImmediate(this.#begin);
    this.#due.push(one);
  }

  readonly #begin = (): void => {
    const due = this.#due;
    this.#due = [];
    for (const one of due) one.turn();
  };
}
