type Range = [from: number, to: number];

/** Ranges that are kept apart; below the earliest of them everything counts as offered. */
const RANGES_MAX = 256;

/**
 * The offsets that a seat was ever offered, as ranges. Nothing is known of one that is new. A hub lets parcels take turns, so offsets
 * rise in some places at once, and where one of them arrives at another's beginning the two become one.
 */
export class OfferedOffsets {
  /** Ascending, and none touches the next. */
  #ranges: Range[] = [];
  #floor = 0;

  /** `true`: it was not offered before. From now on it was. */
  add(offset: number): boolean {
    const ranges = this.#ranges;
    const at = this.#before(offset);
    const range = ranges[at];
    if (offset <= this.#floor || (range !== undefined && offset <= range[1])) return false;
    const next = ranges[at + 1];
    if (range?.[1] === offset - 1) {
      range[1] = offset;
      if (next?.[0] === offset + 1) {
        range[1] = next[1];
        ranges.splice(at + 1, 1);
      }
    } else if (next?.[0] === offset + 1) next[0] = offset;
    else this.#insert(at + 1, offset);
    return true;
  }

  clear(): void {
    this.#ranges = [];
    this.#floor = 0;
  }

  #insert(at: number, offset: number): void {
    this.#ranges.splice(at, 0, [offset, offset]);
    if (this.#ranges.length > RANGES_MAX) this.#floor = this.#ranges.shift()?.[1] ?? 0;
  }

  /** The last range that begins at or before this offset; -1: none does. Mostly it is one of the last. */
  #before(offset: number): number {
    const ranges = this.#ranges;
    let at = ranges.length - 1;
    while (at >= 0 && (ranges[at]?.[0] ?? 0) > offset) at -= 1;
    return at;
  }
}
