import type { InHand, Place } from "./in-hand.ts";
import { type DeliveryKey, keyOf } from "./verdict-memory.ts";

/** Handlers that run since before this connection, and whose events were not offered again yet. */
export class Orphans {
  readonly #items = new Map<DeliveryKey, InHand>();

  get all(): InHand[] {
    return [...this.#items.values()];
  }

  add(item: InHand): void {
    this.#items.set(keyOf(item), item);
  }

  /** `false`: it is none. */
  remove(item: InHand): boolean {
    const key = keyOf(item);
    return this.#items.get(key) === item && this.#items.delete(key);
  }

  /** Takes out the one that works on this very event. One that works on another event of this offset is given up. */
  claim(place: Place): InHand | undefined {
    const item = this.#items.get(keyOf(place));
    if (item === undefined) return undefined;
    if (item.place.recordedAtMs !== place.recordedAtMs) {
      this.giveUp([item]);
      return undefined;
    }
    this.remove(item);
    return item;
  }

  /** Somebody else has their events: their signals abort. */
  giveUp(items: readonly InHand[]): void {
    for (const item of items) if (this.remove(item)) item.lose();
  }

  clear(): void {
    this.#items.clear();
  }
}
