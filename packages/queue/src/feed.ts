/** What comes into memory: new events, history, parked chunks [W*] [G1]. */
import { tellGap } from "./gaps.ts";
import { append, enqueue, laneOf, settleFirst } from "./lanes.ts";
import { tellLost } from "./leases.ts";
import { createItem, type Item, isDelayed, type Lane, ownTimeOf } from "./model.ts";
import { meetRow, restOrWake } from "./outcome.ts";
import { chunkTaken, isCrowded, makeRoom, parkLast, readChunks } from "./parked.ts";
import { isHeld, isPool, noteSettled, type State } from "./state.ts";
import type { EngineInput, Entry } from "./types.ts";

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
      state.log.note();
    }
  }
}

const mayTake = (state: State): boolean =>
  state.ring.length > 0 && !isHeld(state) && !state.isFull && state.reading === null && state.unloaded.length === 0 && !isCrowded(state);

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
  item.suspect = origin === "open" && entry.offset <= state.suspectTo && !isPool(state) && !wasDelayed(state, lane, item);
  state.counts.waiting += 1;
  window.add(item);
  append(state, lane, item);
  const attempt = state.attempts.size > 0 ? state.attempts.get(entry.offset) : undefined;
  if (attempt !== undefined) meetRow(state, item, attempt);
  else if (entry.notBeforeMs !== undefined) restOrWake(state, item);
  if (lane.items.length - lane.next === 1) enqueue(state, lane);
  return true;
}

/** [D5] It, or an event before it, waits for its time still: nobody can have had it in hand. */
function wasDelayed(state: State, lane: Lane, item: Item): boolean {
  if (ownTimeOf(item) > state.nowMs) return true;
  return state.counts.resting > 0 && lane.items.some((before, index) => index >= lane.head && isDelayed(before));
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
    const [range] = state.unloaded;
    if (isOpen && (range === undefined || entry.offset < range[0])) {
      // It was settled before: only its neighbours were asked for.
      next += 1;
      continue;
    }
    // Nothing past the cursor is taken before all that is open before it.
    if (!isOpen && range !== undefined) return;
    if (!take(state, entry, isOpen ? "open" : "new")) return;
    if (isOpen) forgetUnloaded(state, entry.offset);
    else state.cursor = entry.offset;
    state.log.note();
    next += 1;
  }
  pass(state, next, to);
}

/** [G7] A read that is under way may still have some of it; that is not taken then. */
export function trimmed(state: State, { firstKept }: Input<"trimmed">): void {
  const from = state.unloaded[0]?.[0] ?? state.cursor + 1;
  pass(state, from, firstKept - 1);
}

/** Offsets that the storage does not have any more. */
function pass(state: State, from: number, to: number): void {
  if (from > to) return;
  for (const [first, last] of state.unloaded) {
    if (first > to) break;
    tellGap(state, Math.max(first, from), Math.min(last, to));
  }
  forgetUnloaded(state, to);
  if (to <= state.cursor || state.unloaded.length > 0) return;
  tellGap(state, Math.max(from, state.cursor + 1), to);
  state.cursor = to;
}

/** All up to here was looked at. */
function forgetUnloaded(state: State, to: number): void {
  const { unloaded } = state;
  for (let range = unloaded[0]; range !== undefined && range[0] <= to; range = unloaded[0]) {
    if (range[1] > to) {
      unloaded[0] = [to + 1, range[1]];
      return;
    }
    unloaded.shift();
  }
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
  for (const [from, to] of rangesOf(missing)) tellGap(state, from, to);
  chunkTaken(state, lane, parked, { removed: taken + missing.length, next, rest: entries.slice(taken).map(({ offset }) => offset) });
}

/** Of ascending offsets. */
function rangesOf(offsets: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const offset of offsets) {
    const last = ranges.at(-1);
    if (last?.[1] === offset - 1) last[1] = offset;
    else ranges.push([offset, offset]);
  }
  return ranges;
}

/** Asks for what a consumer could have and is not in memory, and makes room for it. While consumers work, what comes next is read ahead. */
export function ask(state: State): void {
  const isWanted = state.isHungry || state.skipKeys.size > 0;
  const isAhead = state.hasOffered && isLow(state);
  if (!(isWanted || isAhead) || state.isDraining) return;
  const from = state.unloaded[0]?.[0] ?? state.cursor + 1;
  const hasMore = from <= state.head && (state.unloaded.length > 0 || !isCrowded(state));
  if (!hasMore && state.wantChunk.size === 0) return;
  if (isWanted && isFull(state)) makeRoom(state);
  if (isFull(state)) return;
  const roomEvents = roomOf(state);
  readChunks(state, roomEvents);
  if (!hasMore || state.reading !== null || !(state.isHungry || isAhead || state.unloaded.length > 0)) return;
  const to = lastToRead(state, from);
  const eventsMax = Math.min(READ_EVENTS_MAX, roomEvents, to - from + 1);
  const bytesMax = Math.min(READ_BYTES_MAX, Math.max(1, state.options.windowBytesMax - state.window.bytes));
  state.reading = { from, eventsMax };
  state.out.push({ type: "read", from, eventsMax, bytesMax });
}

/** Less waits in memory than one read brings, and there is room for a whole one. */
function isLow(state: State): boolean {
  const { windowEventsMax, windowBytesMax } = state.options;
  const events = Math.min(READ_EVENTS_MAX, Math.ceil(windowEventsMax / 4));
  const bytes = Math.min(READ_BYTES_MAX, windowBytesMax / 4);
  return state.counts.waiting < events && roomOf(state) >= events && windowBytesMax - state.window.bytes >= bytes;
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
  if (!isReading(state)) state.resolvedEarly.clear();
  for (const offset of offsets) {
    const lane: Lane | undefined = state.window.lanes.get(String(offset));
    const item = lane?.items[lane.head];
    if (isPool(state) && item !== undefined) {
      if (item.batch !== null) tellLost(state, item.batch.consumer, item.token, item.token);
      settleFirst(state, item, "resolved");
    } else if (isReading(state)) state.resolvedEarly.add(offset);
  }
}

const isReading = (state: State): boolean => state.reading !== null || state.chunkReads > 0;
