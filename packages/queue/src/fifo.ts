/** First in, first out, without moving the rest at each take. */
export class Fifo<T> {
  /** Empty before `#head`: what was taken must not be kept for those behind it. */
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  last(): T | undefined {
    return this.size === 0 ? undefined : this.#items[this.#items.length - 1];
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= 64 && this.#head * 2 >= this.#items.length) this.#compact();
    return item;
  }

  /** Takes the first one that fits, out of the middle. */
  takeFirst(fits: (item: T) => boolean): T | undefined {
    for (let index = this.#head; index < this.#items.length; index++) {
      const item = this.#items[index];
      if (item === undefined || !fits(item)) continue;
      this.#items.splice(index, 1);
      return item;
    }
    return undefined;
  }

  keep(fits: (item: T) => boolean): void {
    this.#compact();
    this.#items = this.#items.filter((item) => item !== undefined && fits(item));
  }

  toArray(): readonly T[] {
    return this.#items.slice(this.#head).filter((item) => item !== undefined);
  }

  #compact(): void {
    this.#items.splice(0, this.#head);
    this.#head = 0;
  }
}
