import type { InHand } from "./in-hand.ts";

/**
 * A parcel in which an event has to wait: the first goes on, was taken into a burst, or has the next turn; the others stand behind it
 * in the order in which they came. Handlers that are over as they return need none.
 */
export class Chain {
  readonly key: string;
  readonly #behind: InHand[] = [];

  constructor(key: string) {
    this.key = key;
  }

  push(item: InHand): void {
    this.#behind.push(item);
  }

  /** Takes out who comes after the first; what is out of hand by then never comes. `null`: nobody is left. */
  next(): InHand | null {
    for (;;) {
      const item = this.#behind.shift();
      if (item === undefined) return null;
      if (item.isInHand) return item;
    }
  }

  /** Lets go of what is out of hand. */
  sweep(): void {
    const inHand = this.#behind.filter((item) => item.isInHand);
    this.#behind.splice(0, this.#behind.length, ...inHand);
  }
}
