import type { InHand } from "./in-hand.ts";

/**
 * What a seat has in hand over this connection: waiting or running, not settled. In the order in which it came, which is that of the
 * tokens. Thousands come and go in a second: each knows its neighbours, so that who goes leaves nothing behind, where a map by token cost
 * more than all else that the hand does.
 */
export class Hand {
  #first: InHand | null = null;
  #last: InHand | null = null;

  add(item: InHand): void {
    item.isInHand = true;
    item.before = this.#last;
    if (this.#last === null) this.#first = item;
    else this.#last.behind = item;
    this.#last = item;
  }

  drop(item: InHand): void {
    if (!item.isInHand) return;
    const { before, behind } = item;
    if (before === null) this.#first = behind;
    else before.behind = behind;
    if (behind === null) this.#last = before;
    else behind.before = before;
    item.isInHand = false;
    // Who goes holds nobody: one that is kept for long would keep all that came after it.
    item.before = null;
    item.behind = null;
  }

  /** Those that are in hand now; it may change meanwhile. */
  items(): InHand[] {
    const items: InHand[] = [];
    for (let item = this.#first; item !== null; item = item.behind) items.push(item);
    return items;
  }

  /** Takes all of them out. */
  takeAll(): InHand[] {
    const items = this.items();
    for (const item of items) this.drop(item);
    return items;
  }
}
