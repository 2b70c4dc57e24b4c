import { type Item, type Lane, none, release, withOne } from "./model.ts";
import { SparseMap, SparseSet } from "./sparse.ts";
import type { OffsetRange } from "./types.ts";

/** So many empty lanes stay besides two for each event in memory. */
const EMPTY_LANES_MAX = 64;

const nothingOpen: readonly OffsetRange[] = [];

/** The events in memory: by key, and by offset for what is durable of them. */
export class Window {
  readonly lanes = new SparseMap<string, Lane>();
  /** Keys with more waiting events than a key may have when room is needed [W4]. */
  readonly longLanes = new SparseSet<Lane>();
  events = 0;
  bytes = 0;
  #byOffset: readonly Item[] = none;
  #last = 0;
  #isSorted = true;
  /** Lanes that became empty since empty ones were let go. */
  #emptied = 0;

  add(item: Item): void {
    this.events += 1;
    this.bytes += item.bytes;
    if (item.offset < this.#last) this.#isSorted = false;
    else this.#last = item.offset;
    this.#byOffset = withOne(this.#byOffset, item);
    // Settled items are swept by `open`, which a commit asks for; this keeps a stalled storage from growing the list.
    if (this.#byOffset.length > 2 * this.events + 4_096) this.#sweep();
  }

  drop(item: Item): void {
    this.events -= 1;
    this.bytes -= item.bytes;
    release(item);
  }

  /**
   * A lane holds nothing any more. Empty ones are let go together, mostly when no event is left at all: to look each up, and to take it out of
   * its table, cost a fifteenth of what the hub's main thread takes for an event. `hasParked`: some lanes have to stay all the same.
   */
  emptied(hasParked: boolean): void {
    this.#emptied += 1;
    if (this.events === 0 && !hasParked) this.lanes.clear();
    else if (this.#emptied > EMPTY_LANES_MAX + 2 * this.events) this.#letEmptyGo();
    else return;
    this.#emptied = 0;
  }

  #letEmptyGo(): void {
    for (const [key, { items, parked }] of this.lanes) if (items.length === 0 && parked === null) this.lanes.delete(key);
  }

  /** Unsettled events in memory, ascending. */
  items(): readonly Item[] {
    this.#sweep();
    return this.#byOffset;
  }

  /** Their offsets, with those that are not loaded yet, as ranges. */
  open(unloaded: readonly OffsetRange[]): readonly OffsetRange[] {
    this.#sweep();
    if (this.#byOffset.length === 0 && unloaded.length === 0) return nothingOpen;
    const ranges: [from: number, to: number][] = [];
    let rest = 0;
    for (const { offset, state } of this.#byOffset) {
      // Its dead letter is in this write, or was in an earlier one.
      if (state === "burying") continue;
      for (let range = unloaded[rest]; range !== undefined && range[0] < offset; range = unloaded[rest]) {
        addRange(ranges, range[0], range[1]);
        rest += 1;
      }
      addRange(ranges, offset, offset);
    }
    for (; rest < unloaded.length; rest++) {
      const range = unloaded[rest];
      if (range !== undefined) addRange(ranges, range[0], range[1]);
    }
    return ranges;
  }

  #sweep(): void {
    if (this.events === 0) this.#byOffset = none;
    else this.#sweepSome(this.#byOffset as Item[]);
    this.#isSorted = true;
    this.#last = this.#byOffset.at(-1)?.offset ?? 0;
  }

  #sweepSome(items: Item[]): void {
    let kept = 0;
    for (const item of items) {
      if (!item.inWindow) continue;
      items[kept] = item;
      kept += 1;
    }
    items.length = kept;
    if (!this.#isSorted) items.sort((a, b) => a.offset - b.offset);
  }
}

/** Behind the ranges before it; neighbours are one. */
function addRange(ranges: [from: number, to: number][], from: number, to: number): void {
  const last = ranges.at(-1);
  if (last !== undefined && last[1] + 1 === from) last[1] = to;
  else ranges.push([from, to]);
}
