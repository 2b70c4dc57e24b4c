/** What comes into memory: new events, history, parked chunks [W*] [G1]. */
import { append, enqueue, laneOf, settleFirst } from "./lanes.ts";
import { tellLost } from "./leases.ts";
import { createItem, type Lane } from "./model.ts";
import { meetRow } from "./outcome.ts";
import { chunkTaken, makeRoom, parkLast, readChunks } from "./parked.ts";
import { isPool, noteSettled, type State } from "./state.ts";
import type { EngineInput, Entry, OffsetRange } from "./types.ts";

const READ_EVENTS_MAX = 1_024;
const READ_BYTES_MAX = 1_048_576;
/** Open ranges this near to each other are read at once after a restart. */
const NEAR_OFFSETS = 64;

type Input<T extends EngineInput["type"]> = Extract<EngineInput, { type: T }>;

export function appended(state: State, { entries }: Input<"appended">): void {
  for (const entry of entries) {
    if (entry.offset > state.head) state.head = entry.offset;
    if (entry.offset === state.cursor + 1 && mayTake(state) && take(state, entry, "new")) {
      state.cursor = entry.offset;
      state.log.touch();
    }
  }
}

const mayTake = (state: State): boolean =>
  state.ring.length > 0 && !state.paused && !state.isFull && state.reading === null && state.unloaded.length === 0;

/** `open`: it was open when the engine was made. `chunk`: of its own key's parked list. */
type Origin = "new" | "open" | "chunk";

/** `false`: no room for it. */
function take(state: State, entry: Entry, origin: Origin): boolean {
  if (state.wanted !== null && !state.wanted.has(entry.type)) return settleAtSight(state, entry, "unwanted");
  if (entry.resolved === true || state.resolvedEarly.delete(entry.offset)) return settleAtSight(state, entry, "resolved");
  const { window, options } = state;
  const lane = laneOf(state, entry);
  if (origin === "new" && lane.parked !== null) {
    parkLast(state, lane, entry.offset);
    return true;
  }
  if (window.events >= options.windowEventsMax || (window.events > 0 && window.bytes + entry.bytes > options.windowBytesMax)) {
    state.isFull = true;
    if (lane.items.length === 0 && lane.parked === null) window.lanes.delete(lane.key);
    return false;
  }
  const item = createItem(entry, lane, 0);
  item.suspect = origin === "open" && entry.offset <= state.suspectTo && !isPool(state);
  state.counts.waiting += 1;
  window.add(item);
  append(state, lane, item);
  const attempt = state.attempts.size > 0 ? state.attempts.get(entry.offset) : undefined;
  if (attempt !== undefined) meetRow(state, item, attempt);
  if (lane.items.length - lane.next === 1) enqueue(state, lane);
  return true;
}

/** No need to look at it: nothing of its key is held up by it. */
function settleAtSight(state: State, entry: Entry, how: "unwanted" | "resolved"): true {
  noteSettled(state, how, entry, 1);
  state.log.touch();
  if (state.attempts.delete(entry.offset)) state.log.removeRow(entry.offset);
  return true;
}

export function loaded(state: State, input: Input<"loaded">): void {
  if (state.reading === null || state.reading.from !== input.from) return;
  state.reading = null;
  const to = Math.max(input.to, input.gapTo ?? 0);
  if (to < input.from) {
    // The queue ends before what it was said to have.
    state.head = Math.max(state.cursor, to);
    return;
  }
  state.head = Math.max(state.head, to);
  let next = input.from;
  for (const entry of input.entries) {
    if (entry.offset < next) continue;
    pass(state, next, entry.offset - 1);
    next = entry.offset;
    const isOpen = entry.offset <= state.cursor;
    if (isOpen && !state.unloaded.some(([first, last]) => first <= entry.offset && entry.offset <= last)) {
      next += 1;
      continue;
    }
    // Nothing is read past the cursor before all that is open before it.
    if (!isOpen && state.unloaded.length > 0) return;
    if (!take(state, entry, isOpen ? "open" : "new")) return;
    if (isOpen) state.unloaded = without(state.unloaded, entry.offset, entry.offset);
    else state.cursor = entry.offset;
    state.log.touch();
    next += 1;
  }
  pass(state, next, to);
}

/** Offsets that the storage does not have any more. */
function pass(state: State, from: number, to: number): void {
  for (const [first, last] of state.unloaded) {
    if (first <= to && from <= last) tellGap(state, Math.max(first, from), Math.min(last, to));
  }
  if (state.unloaded.length > 0) state.unloaded = without(state.unloaded, from, to);
  if (to <= state.cursor || state.unloaded.length > 0) return;
  tellGap(state, Math.max(from, state.cursor + 1), to);
  state.cursor = to;
}

function tellGap(state: State, from: number, to: number): void {
  state.out.push({ type: "gap", from, to });
  noteSettled(state, "gap", null, to - from + 1);
  for (const offset of state.attempts.size > 0 ? state.attempts.keys() : []) {
    if (offset < from || offset > to || state.attempts.get(offset)?.redrive !== 0) continue;
    state.attempts.delete(offset);
    state.log.removeRow(offset);
  }
  state.log.touch();
}

function without(ranges: readonly OffsetRange[], from: number, to: number): OffsetRange[] {
  return ranges.flatMap(([first, last]): OffsetRange[] => {
    if (last < from || to < first) return [[first, last]];
    const rest: OffsetRange[] = [];
    if (first < from) rest.push([first, from - 1]);
    if (to < last) rest.push([to + 1, last]);
    return rest;
  });
}

export function loadedParked(state: State, { key, first, entries, next, missing = [] }: Input<"loaded-parked">): void {
  const lane = state.parked.get(key);
  const parked = lane?.parked;
  if (lane === undefined || !parked?.loading || parked.first !== first) return;
  parked.loading = false;
  state.chunkReads -= 1;
  let taken = 0;
  for (const entry of entries) {
    if (!take(state, entry, "chunk")) break;
    taken += 1;
  }
  if (taken === 0 && entries.length > 0) {
    lane.wantsChunk = true;
    state.wantChunk.push(lane);
    return;
  }
  for (const offset of missing) tellGap(state, offset, offset);
  chunkTaken(state, lane, parked, { removed: taken + missing.length, next, rest: entries.slice(taken).map(({ offset }) => offset) });
}

/** Asks for what a consumer could have and is not in memory, and makes room for it. */
export function ask(state: State): void {
  const isWanted = state.isHungry || state.skipKeys.size > 0;
  if (!isWanted) return;
  const from = state.unloaded[0]?.[0] ?? state.cursor + 1;
  const hasMore = from <= state.head;
  if (!hasMore && state.wantChunk.size === 0) return;
  if (isFull(state)) makeRoom(state);
  if (isFull(state)) return;
  const roomEvents = roomOf(state);
  readChunks(state, roomEvents);
  if (!hasMore || state.reading !== null) return;
  const to = lastToRead(state, from);
  const eventsMax = Math.min(READ_EVENTS_MAX, roomEvents, to - from + 1);
  const bytesMax = Math.min(READ_BYTES_MAX, Math.max(1, state.options.windowBytesMax - state.window.bytes));
  state.reading = { from, eventsMax };
  state.out.push({ type: "read", from, eventsMax, bytesMax });
}

const roomOf = (state: State): number => state.options.windowEventsMax - state.window.events;

const isFull = (state: State): boolean => state.isFull || roomOf(state) <= 0 || state.window.bytes >= state.options.windowBytesMax;

function lastToRead(state: State, from: number): number {
  const [range, ...rest] = state.unloaded;
  if (range === undefined) return state.head;
  let to = range[1];
  for (const [first, last] of rest) {
    if (first - to > NEAR_OFFSETS || last - from >= READ_EVENTS_MAX) break;
    to = last;
  }
  return to;
}

/** [K3] [K4] */
export function resolved(state: State, offsets: readonly number[]): void {
  if (state.reading === null && state.chunkReads === 0) state.resolvedEarly.clear();
  for (const offset of offsets) {
    const lane: Lane | undefined = state.window.lanes.get(String(offset));
    const item = lane?.items[lane.head];
    if (isPool(state) && item !== undefined) {
      if (item.batch !== null) tellLost(state, item.batch.consumer, item.token, item.token);
      settleFirst(state, item, "resolved");
    } else if (state.reading !== null || state.chunkReads > 0) state.resolvedEarly.add(offset);
  }
}
