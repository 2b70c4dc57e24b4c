import type { InHand } from "./in-hand.ts";

/** Gone items that may stand about. */
const GONE_MAX = 1_024;

/**
 * What a seat has in hand over this connection: waiting or running, not settled. In the order in which it came, which is that of the
 * tokens. Thousands come and go in a second: who goes is only marked, and swept with others, where a map by token cost more than all
 * else that the hand does.
 */
export class Hand {
  #items: InHand[] = [];
  #size = 0;

  add(item: InHand): void {
    if (this.#items.length >= 2 * this.#size + GONE_MAX) this.#items = this.#items.filter(({ isInHand }) => isInHand);
    item.isInHand = true;
    this.#items.push(item);
    this.#size += 1;
  }

  drop(item: InHand): void {
    if (!item.isInHand) return;
    item.isInHand = false;
    this.#size -= 1;
  }

  /** Those that are in hand now; it may change meanwhile. */
  items(): InHand[] {
    return this.#items.filter(({ isInHand }) => isInHand);
  }

  /** Takes all of them out. */
  takeAll(): InHand[] {
    const items = this.items();
    for (const item of items) item.isInHand = false;
    this.#items = [];
    this.#size = 0;
    return items;
  }
}
