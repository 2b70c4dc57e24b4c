/** What waits for a time: a binary heap. Whoever takes an entry looks whether it still means anything; those that do not are swept when they are many. */
export type Timed = { atMs: number };

export class Timers<T extends Timed> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  peek(): T | undefined {
    return this.#heap[0];
  }

  push(timer: T): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.atMs <= timer.atMs) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = timer;
  }

  /** The earliest one that is due. */
  takeDue(nowMs: number): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first;
  }

  /** Lets the others go. */
  keep(isWanted: (timer: T) => boolean): void {
    const kept = this.#heap.filter(isWanted).sort((a, b) => a.atMs - b.atMs);
    this.#heap.length = 0;
    // Ascending is a heap.
    for (const timer of kept) this.#heap.push(timer);
  }

  toArray(): readonly T[] {
    return [...this.#heap];
  }

  #sink(timer: T): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const a = heap[left];
      const b = heap[left + 1];
      if (a === undefined) break;
      const child = b !== undefined && b.atMs < a.atMs ? left + 1 : left;
      const smaller = heap[child];
      if (smaller === undefined || smaller.atMs >= timer.atMs) break;
      heap[index] = smaller;
      index = child;
    }
    heap[index] = timer;
  }
}
