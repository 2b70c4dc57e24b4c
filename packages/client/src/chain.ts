import type { InHand } from "./in-hand.ts";
import type { ParcelOrder } from "./parcel-order.ts";

/**
 * All that are of one parcel, in their order: one runs, behind it those that were taken into a burst and have not begun, then those that
 * wait. `turns`: so often it stands among those that may start one.
 */
export class Chain {
  readonly key: string;
  readonly order: ParcelOrder;
  running: InHand | null = null;
  turns = 0;
  /** Those that were taken, then those that wait. */
  #line: InHand[] = [];
  #taken = 0;

  constructor(key: string, order: ParcelOrder) {
    this.key = key;
    this.order = order;
  }

  get waiting(): number {
    return this.#line.length - this.#taken;
  }

  get hasTaken(): boolean {
    return this.#taken > 0;
  }

  get isEmpty(): boolean {
    return this.running === null && this.#line.length === 0;
  }

  push(item: InHand): void {
    // Mostly it stays the only one: an array that is made with it has no room for sixteen others.
    if (this.#line.length === 0) this.#line = [item];
    else this.#line.push(item);
  }

  /** The first of those that wait is taken. */
  take(): InHand | undefined {
    const item = this.#line[this.#taken];
    if (item !== undefined) this.#taken += 1;
    return item;
  }

  /** The first that was taken leaves the line: it begins, or is out of hand by now. */
  begin(): void {
    this.#line.shift();
    this.#taken -= 1;
  }

  /** The last that was taken waits again, as the first. */
  putBack(): void {
    this.#taken -= 1;
  }

  /** What stands behind this offset; what waits there leaves the line. */
  takeBehind(offset: number): InHand[] {
    const behind = this.#line.filter((item) => item.offset > offset);
    if (behind.length > 0) this.#line = this.#line.filter((item, at) => at < this.#taken || item.offset <= offset);
    return behind;
  }

  /** Of those that wait. */
  takeOut(item: InHand): void {
    this.#line = this.#line.filter((other, at) => at < this.#taken || other !== item);
  }

  takeAllWaiting(): InHand[] {
    return this.#line.splice(this.#taken);
  }
}
