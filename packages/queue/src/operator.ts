/** What people ask for: pause, policy, retry, skip, redrive, discard. */
import { createAttempt, fromRow } from "./attempts.ts";
import { askForChunk, enqueue, settleFirst } from "./lanes.ts";
import { type Attempt, createItem, createLane, isInHand, type Lane } from "./model.ts";
import { buryIfDue, save } from "./outcome.ts";
import { isPool, type State } from "./state.ts";
import type { AttemptNote, EngineOptions, Entry } from "./types.ts";

export function pause(state: State, paused: boolean): void {
  if (state.paused === paused) return;
  state.paused = paused;
  state.log.hurry();
  if (!paused) buryWhatMayBe(state);
}

/** [B9] */
export function setPolicy(state: State, policy: EngineOptions["policy"]): void {
  state.policy = policy;
  if (policy === "skip") buryWhatMayBe(state);
}

function buryWhatMayBe(state: State): void {
  for (const lane of [...state.window.lanes.values()]) {
    buryIfDue(state, lane);
    askForChunk(state, lane);
  }
}

/** The first event of a key that has a row, and is not in hand: stuck or resting. */
function blockedAttempt(state: State, key: string): Attempt | null {
  let first: Attempt | null = null;
  for (const attempt of state.attempts.values()) {
    if (attempt.key === key && attempt.redrive === 0 && (first === null || attempt.offset < first.offset)) first = attempt;
  }
  return first !== null && (first.stuck || first.dueMs > state.nowMs) ? first : null;
}

/** Its lane, if there is one in memory. A pool counts nothing, and has no blocked keys. */
function laneOfAttempt(state: State, attempt: Attempt): Lane | undefined {
  return state.window.lanes.get(state.options.order === "queue" ? "" : attempt.key);
}

/** [B6] */
export function retryKey(state: State, key: string): void {
  const attempt = blockedAttempt(state, key);
  if (attempt === null || isPool(state)) return;
  const lane = laneOfAttempt(state, attempt);
  const item = lane?.items.find(({ offset }) => offset === attempt.offset);
  if (item !== undefined && item.state !== "stuck" && item.state !== "resting") return;
  attempt.failed = 0;
  attempt.interrupted = 0;
  attempt.dueMs = 0;
  attempt.stuck = false;
  attempt.skip = null;
  state.log.putRow(attempt);
  state.log.hurry();
  if (item !== undefined) {
    // [A6] Who comes back takes no count back that is not there any more.
    if (item.blame !== null) item.blame = { ...item.blame, counted: false };
    save(state, item, attempt);
  }
  if (lane?.parked) {
    lane.parked.dueMs = 0;
    askForChunk(state, lane);
  }
}

/** [B7] */
export function skipKey(state: State, key: string, skip: { by: string; reason: string }): void {
  const attempt = blockedAttempt(state, key);
  if (attempt === null || isPool(state)) return;
  attempt.skip = skip;
  const lane = laneOfAttempt(state, attempt);
  if (lane?.items.some(({ offset }) => offset === attempt.offset)) {
    // Where it is not first of its key yet, it is buried when it comes to be.
    buryIfDue(state, lane);
    return;
  }
  state.skipKeys.add(key);
  if (lane !== undefined) askForChunk(state, lane);
}

/** [B8] [X5] */
export function redrive(state: State, entry: Entry, count: number, notes: readonly AttemptNote[]): void {
  if (state.redrives.has(entry.offset)) return;
  const item = createItem(entry, createLane(entry.key), count);
  const known = state.attempts.get(entry.offset);
  const attempt = known?.redrive === count ? known : fromRow({ ...createAttempt(entry.offset, entry.key, count), notes });
  item.attempt = attempt;
  item.suspect = attempt.alone;
  item.lane.items = [item];
  state.counts.waiting += 1;
  state.redrives.set(entry.offset, item);
  state.attempts.set(entry.offset, attempt);
  // Its row is what a restart goes on from, so it is written before the first offer.
  save(state, item, attempt);
  enqueue(state, item.lane);
}

/** [B10] */
export function discard(state: State, offset: number): void {
  const item = state.redrives.get(offset);
  if (item !== undefined) {
    if (isInHand(item.lane) || item.state === "burying") return;
    settleFirst(state, item, "discarded");
  }
  state.deadCount -= 1;
  state.log.changeDead(offset, null);
  state.log.hurry();
}
