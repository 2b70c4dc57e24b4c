/** The places that have an event in the tail, in their order: sorted anew only when the tail has grown. */
import type { TailIndex } from "../shared/tail-index.ts";

export class SortedPlaces {
  private readonly index: TailIndex;
  private lastSeq = -1;
  private sorted: string[] = [];

  constructor(index: TailIndex) {
    this.index = index;
  }

  /** Those from `from` to before `end`, at most `count`. */
  page(from: string, end: string, count: number): string[] {
    if (this.lastSeq !== this.index.lastSeq) {
      // A place with nothing but voids is a lane and no queue.
      const named = this.index.segments.flatMap(({ places }) => [...places].filter(([, { count }]) => count > 0));
      this.sorted = [...new Set(named.map(([name]) => name))].sort();
      this.lastSeq = this.index.lastSeq;
    }
    const { sorted } = this;
    let low = 0;
    for (let high = sorted.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? "") < from) low = middle + 1;
      else high = middle;
    }
    return sorted.slice(low, low + count).filter((place) => place < end);
  }
}
