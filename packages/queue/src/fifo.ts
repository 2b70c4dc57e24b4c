/** Emptied, a list that had more room than this is let go; any other serves again. */
const KEPT_ROOM = 64;

/** First in, first out, without moving the rest at each take. It begins anew in the same list whenever it is empty: engines are, between their turns. */
export class Fifo<T> {
  /** Empty before `#head` and from `#tail` on: what was taken must not be kept for those behind it. */
  #items: (T | undefined)[] = [];
  #head = 0;
  #tail = 0;

  get size(): number {
    return this.#tail - this.#head;
  }

  push(item: T): void {
    this.#items[this.#tail] = item;
    this.#tail += 1;
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    if (this.#head === this.#tail) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#tail) this.#beginAnew();
    else if (this.#head >= 64 && this.#head * 2 >= this.#tail) this.#compact();
    return item;
  }

  /** Takes the first one that fits, out of the middle. */
  takeFirst(fits: (item: T) => boolean): T | undefined {
    for (let index = this.#head; index < this.#tail; index++) {
      const item = this.#items[index];
      if (item === undefined || !fits(item)) continue;
      this.#items.splice(index, 1);
      this.#tail -= 1;
      if (this.#head === this.#tail) this.#beginAnew();
      return item;
    }
    return undefined;
  }

  keep(fits: (item: T) => boolean): void {
    this.#items = this.toArray().filter(fits);
    this.#head = 0;
    this.#tail = this.#items.length;
  }

  toArray(): readonly T[] {
    return this.#items.slice(this.#head, this.#tail).filter((item) => item !== undefined);
  }

  #beginAnew(): void {
    if (this.#tail > KEPT_ROOM) this.#items = [];
    this.#head = 0;
    this.#tail = 0;
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#head, this.#tail);
    this.#head = 0;
    this.#tail = this.#items.length;
  }
}
