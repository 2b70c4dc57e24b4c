/** Keys whose events went to a durable list, so that the window has room for others [W4] [W5] [W6]. */
import { enqueue, forget, trim } from "./lanes.ts";
import { firstOf, isDelayed, isInHand, type Lane, type Parked } from "./model.ts";
import { countIn, type State } from "./state.ts";

export const CHUNK_OFFSETS_MAX = 64;
/** So many timers without a meaning are not worth a sweep. */
const STALE_TIMERS_MIN = 1_024;
/** Chunks that are read back at a time. */
const CHUNK_READS_MAX = 8;

/** [W7] */
export const isCrowded = ({ parked, options }: State): boolean => parked.size >= options.parkedKeysMax;

/** At the end of the key's list. */
export function parkLast(state: State, lane: Lane, offset: number): void {
  const parked = lane.parked ?? startParking(state, lane, offset);
  let { tail } = parked;
  if (tail !== null && tail.first === offset) {
    // It was begun with it.
  } else if (tail === null || tail.offsets.length >= CHUNK_OFFSETS_MAX || (parked.loading && tail.first === parked.first)) {
    tail = { first: offset, offsets: [offset] };
    parked.tail = tail;
    parked.firsts.push(offset);
  } else tail.offsets.push(offset);
  parked.count += 1;
  state.parkedCount += 1;
  state.log.changeChunk({ key: lane.key, first: tail.first, chunk: { key: lane.key, ...tail } });
}

/** Lists of one, and not empty ones that grow: thousands of keys may have a single event parked. */
function startParking(state: State, lane: Lane, first: number): Parked {
  const tail = { first, offsets: [first] };
  const parked: Parked = { first, firsts: [first], tail, count: 0, loading: false, dueMs: 0, isDelayed: false };
  lane.parked = parked;
  state.parked.set(lane.key, lane);
  return parked;
}

/** Before what is parked of the key already: chunks of their own. */
export function parkFirst(state: State, lane: Lane, offsets: readonly number[]): void {
  const { parked } = lane;
  if (parked === null) {
    for (const offset of offsets) parkLast(state, lane, offset);
    return;
  }
  const firsts: number[] = [];
  for (let at = 0; at < offsets.length; at += CHUNK_OFFSETS_MAX) {
    const part = offsets.slice(at, at + CHUNK_OFFSETS_MAX);
    const [first] = part;
    if (first === undefined) continue;
    firsts.push(first);
    state.log.changeChunk({ key: lane.key, first, chunk: { key: lane.key, first, offsets: part } });
  }
  parked.firsts = [...firsts, ...parked.firsts];
  parked.first = firsts[0] ?? parked.first;
  parked.count += offsets.length;
  state.parkedCount += offsets.length;
}

/** Takes the lane's events from `index` on out of memory. None of them is in hand. */
function park(state: State, lane: Lane, index: number): void {
  const items = lane.items.slice(index);
  lane.items = lane.items.slice(0, index);
  const resting = index === lane.head && items[0]?.state === "resting" ? items[0] : null;
  const dueMs = resting?.dueMs ?? 0;
  const isOwnTime = resting !== null && isDelayed(resting);
  for (const item of items) {
    countIn(state, item.state, -1);
    forget(state, item);
  }
  parkFirst(
    state,
    lane,
    items.map(({ offset }) => offset),
  );
  if (lane.parked !== null) {
    lane.parked.dueMs = dueMs;
    lane.parked.isDelayed = isOwnTime;
  }
  trim(state, lane);
  lane.queued = "none";
  enqueue(state, lane);
}

/** [W4] The window is full and a consumer could have more. */
export function makeRoom(state: State): void {
  const { window, counts, options } = state;
  const before = window.events;
  for (const lane of window.longLanes) {
    const from = lane.next + options.keyWaitingMax;
    if (!lane.parked?.loading && !lane.items.slice(from).some(awaitsCommit)) park(state, lane, from);
  }
  if (window.events < before || counts.resting + counts.stuck === 0 || options.order === "queue") return;
  for (const lane of window.lanes.values()) {
    if (isParkable(lane)) park(state, lane, lane.head);
  }
  sweepTimers(state);
}

/** Timers of events that were parked mean nothing any more; those of events that are delayed for weeks would gather. */
function sweepTimers({ timers, window, parked, redrives }: State): void {
  if (timers.size < 1.25 * (window.events + parked.size + redrives.size) + STALE_TIMERS_MIN) return;
  timers.keep((timer) => ("lane" in timer ? timer.lane.parked !== null : timer.item.inWindow || timer.item.redrive > 0));
}

const awaitsCommit = ({ state }: { state: string }): boolean => state === "saving" || state === "burying";

function isParkable(lane: Lane): boolean {
  const first = firstOf(lane);
  if (first === undefined || isInHand(lane) || lane.parked?.loading) return false;
  return (first.state === "resting" || first.state === "stuck") && !lane.items.slice(lane.head).some(awaitsCommit);
}

/** [W6] Asks for the chunks of the keys that can go on. */
export function readChunks(state: State, roomEvents: number): void {
  const { wantChunk } = state;
  if (state.unloaded.length > 0 || !(state.isHungry || state.skipKeys.size > 0)) return;
  let room = roomEvents;
  for (let left = wantChunk.size; left > 0 && state.chunkReads < CHUNK_READS_MAX; left--) {
    const lane = wantChunk.shift();
    if (lane === undefined) return;
    const { parked } = lane;
    lane.wantsChunk = false;
    if (parked === null || parked.loading || isBlocked(state, lane)) continue;
    const isWanted = state.isHungry || state.skipKeys.has(lane.key);
    if (!isWanted || room <= 0 || !state.log.isChunkSaved(parked.first)) {
      lane.wantsChunk = true;
      wantChunk.push(lane);
      continue;
    }
    parked.loading = true;
    state.chunkReads += 1;
    room -= CHUNK_OFFSETS_MAX;
    state.out.push({ type: "read-parked", key: lane.key, first: parked.first });
  }
}

/** Nothing of the key could be offered if it were loaded. What unblocks it asks again. */
function isBlocked(state: State, lane: Lane): boolean {
  const first = firstOf(lane);
  if (first !== undefined) return first.state === "resting" || first.state === "stuck";
  if (lane.parked === null) return true;
  const attempt = state.attempts.get(lane.parked.first);
  if (attempt !== undefined && attempt.skip !== null) return false;
  if (attempt?.stuck === true) return state.policy === "block" || state.paused;
  const dueMs = Math.max(attempt?.dueMs ?? 0, lane.parked.dueMs);
  if (dueMs <= state.nowMs) return false;
  state.timers.push({ atMs: dueMs, lane });
  return true;
}

/** The first chunk is in memory now, or all of it that found room; `rest` stays parked. */
export function chunkTaken(
  state: State,
  lane: Lane,
  parked: Parked,
  taken: { removed: number; next: number; rest: readonly number[] },
): void {
  const { first } = parked;
  state.log.changeChunk({ key: lane.key, first, chunk: null });
  parked.firsts = parked.firsts.filter((other) => other > first);
  if (parked.tail !== null && parked.tail.first === first) parked.tail = null;
  parked.count = Math.max(0, parked.count - taken.removed - taken.rest.length);
  state.parkedCount = Math.max(0, state.parkedCount - taken.removed - taken.rest.length);
  const [own = 0] = parked.firsts;
  // The storage does not know yet what was parked since; the engine does not know what was parked before it.
  parked.dueMs = 0;
  parked.isDelayed = false;
  parked.first = taken.next === 0 || own === 0 ? Math.max(taken.next, own) : Math.min(taken.next, own);
  if (taken.rest.length > 0) parkFirst(state, lane, taken.rest);
  if (parked.first === 0) {
    lane.parked = null;
    state.parked.delete(lane.key);
  }
  enqueue(state, lane);
  trim(state, lane);
}
