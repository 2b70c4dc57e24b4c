/** Emptied, a list that had more room than this is let go; any other serves again. */
const KEPT_ROOM = 64;

/**
 * First in, first out, without moving the rest at each take. An engine's hold one at most nearly always, and that needs no list: with ten thousand
 * engines, what a turn costs is the memory that it looks at.
 */
export class Fifo<T> {
  #first: T | undefined = undefined;
  /** Those behind it. Empty before `#head` and from `#tail` on: what was taken must not be kept for those behind it. */
  #rest: (T | undefined)[] | null = null;
  #head = 0;
  #tail = 0;

  get size(): number {
    return this.#first === undefined ? 0 : 1 + this.#tail - this.#head;
  }

  push(item: T): void {
    if (this.#first === undefined) {
      this.#first = item;
      return;
    }
    this.#rest ??= [];
    this.#rest[this.#tail] = item;
    this.#tail += 1;
  }

  peek(): T | undefined {
    return this.#first;
  }

  shift(): T | undefined {
    const item = this.#first;
    this.#first = this.#rest === null ? undefined : this.#next(this.#rest);
    return item;
  }

  /** Takes the first one that fits, out of the middle. */
  takeFirst(fits: (item: T) => boolean): T | undefined {
    if (this.#first === undefined || fits(this.#first)) return this.shift();
    for (let index = this.#head; index < this.#tail; index++) {
      const item = this.#rest?.[index];
      if (item === undefined || !fits(item)) continue;
      this.#rest?.splice(index, 1);
      this.#tail -= 1;
      if (this.#head === this.#tail) this.#beginAnew();
      return item;
    }
    return undefined;
  }

  keep(fits: (item: T) => boolean): void {
    const [first, ...rest] = this.toArray().filter(fits);
    this.#first = first;
    this.#rest = rest.length > 0 ? rest : null;
    this.#head = 0;
    this.#tail = rest.length;
  }

  toArray(): readonly T[] {
    if (this.#first === undefined) return [];
    const rest = this.#rest === null ? [] : this.#rest.slice(this.#head, this.#tail).filter((item) => item !== undefined);
    return [this.#first, ...rest];
  }

  #next(rest: (T | undefined)[]): T | undefined {
    if (this.#head === this.#tail) return undefined;
    const item = rest[this.#head];
    rest[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#tail) this.#beginAnew();
    else if (this.#head >= 64 && this.#head * 2 >= this.#tail) this.#compact(rest);
    return item;
  }

  /** In the same list, unless it has much room. */
  #beginAnew(): void {
    if (this.#tail > KEPT_ROOM) this.#rest = null;
    this.#head = 0;
    this.#tail = 0;
  }

  #compact(rest: (T | undefined)[]): void {
    this.#rest = rest.slice(this.#head, this.#tail);
    this.#head = 0;
    this.#tail = this.#rest.length;
  }
}
