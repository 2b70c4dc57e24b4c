/** What becomes of an event whose attempt did not succeed: back-off, stuck or buried [A*] [R*] [B*]. */
import { addNote, backoffMs, isUsedUp } from "./attempts.ts";
import { enqueue, indexInHand, settleFirst, voidFrom } from "./lanes.ts";
import { attemptOf, endLease } from "./leases.ts";
import { type Attempt, firstOf, type Item, isInHand, type Lane, ownTimeOf } from "./model.ts";
import { isPool, move, type State } from "./state.ts";
import type { AttemptKind, ConsumerId } from "./types.ts";

export type Failure = {
  kind: AttemptKind;
  by: string;
  consumer: ConsumerId | null;
  reason: string;
  /** `null`: the group's back-off. */
  delayMs: number | null;
  /** Rejected: no further attempt [B3]. */
  isFinal: boolean;
  /** Its lease ended: the consumer does not know, and may still answer. */
  isExpired: boolean;
};

/** An event in hand failed: the later leases of its key end with it, and it is counted. */
export function fail(state: State, item: Item, failure: Failure): void {
  const { lane } = item;
  const index = indexInHand(lane, item);
  voidFrom(state, lane, index + 1, true);
  endLease(state, item, { remember: failure.isExpired, tell: failure.isExpired });
  lane.next = index;
  if (lane.head === index) lane.holder = null;
  count(state, item, failure);
  enqueue(state, lane);
}

/** Counts an attempt of an event that is not in hand any more; its state still is `held` or `waiting`. */
export function count(state: State, item: Item, failure: Failure): void {
  // `endLease` may have dropped a row that had nothing but the offer alone.
  const attempt = attemptOf(state, item);
  attempt[failure.kind] += 1;
  attempt.alone = item.suspect;
  addNote(attempt, { atMs: state.nowMs, kind: failure.kind, by: failure.by, reason: failure.reason });
  if (failure.isFinal || isUsedUp(attempt, state.options)) {
    giveUp(state, item, attempt, failure);
    return;
  }
  attempt.dueMs = state.nowMs + (failure.delayMs ?? restMs(state, attempt, failure.kind));
  save(state, item, attempt);
  report(state, item, attempt, failure, "retry");
}

const restMs = (state: State, attempt: Attempt, kind: AttemptKind): number =>
  kind === "interrupted" ? 0 : backoffMs(state.options, attempt.failed, state.chance, attempt.offset);

/** Its row is written before anything else happens to it [R3]. */
export function save(state: State, item: Item, attempt: Attempt): void {
  move(state, item, "save");
  state.log.putRow(attempt);
  state.log.await(item);
}

/** No attempt is left. A dead letter needs its turn: a key's events leave in their order. */
function giveUp(state: State, item: Item, attempt: Attempt, failure: Pick<Failure, "kind" | "consumer" | "reason">): void {
  state.givenUp.set(item, { kind: failure.kind, consumer: failure.consumer, reason: failure.reason });
  if (mayBury(state, item) && firstOf(item.lane) === item && makeRoomForDead(state, item)) {
    bury(state, item, attempt);
    return;
  }
  attempt.stuck = true;
  attempt.dueMs = 0;
  save(state, item, attempt);
}

const mayBury = (state: State, item: Item): boolean => item.redrive > 0 || state.policy === "skip" || item.attempt?.skip !== null;

/** [B5] At the limit the subscription pauses. A redrive takes its old place. */
function makeRoomForDead(state: State, item: Item): boolean {
  if (item.redrive > 0) return true;
  if (state.paused) return false;
  if (state.deadCount < state.options.deadLettersMax) {
    state.deadCount += 1;
    return true;
  }
  state.paused = true;
  state.log.hurry();
  return false;
}

function bury(state: State, item: Item, attempt: Attempt): void {
  if (attempt.skip !== null) addNote(attempt, { atMs: state.nowMs, kind: "failed", by: attempt.skip.by, reason: attempt.skip.reason });
  const { entry } = item;
  state.log.changeDead(item.offset, {
    offset: item.offset,
    key: entry.key,
    type: entry.type,
    buriedAtMs: state.nowMs,
    redrive: item.redrive,
    notes: [...attempt.notes],
    ref: entry.ref,
  });
  // The row goes in the same write; the counts stay in `attempt` for the notice.
  state.log.removeRow(item.offset);
  state.attempts.delete(item.offset);
  move(state, item, "bury");
  state.log.await(item);
}

/** A stuck event that is first of its key and may be buried, is [B2] [B5] [B7]. */
export function buryIfDue(state: State, lane: Lane): void {
  const item = firstOf(lane);
  if (item === undefined || isInHand(lane) || item.attempt === null) return;
  const isAsked = item.attempt.skip !== null && (item.state === "resting" || item.state === "waiting");
  if (item.state !== "stuck" && !isAsked) return;
  if (mayBury(state, item) && makeRoomForDead(state, item)) bury(state, item, item.attempt);
}

/** The commit that an event waited for is there. */
export function saved(state: State, item: Item): void {
  if (item.state === "burying") {
    const { attempt } = item;
    item.attempt = null;
    if (attempt !== null) reportLast(state, item, attempt, "buried");
    settleFirst(state, item, "buried");
    return;
  }
  if (item.state !== "saving") return;
  const { attempt } = item;
  if (attempt?.stuck === true) {
    move(state, item, "stick");
    if (!(mayBury(state, item) && !state.paused)) reportLast(state, item, attempt, "stuck");
    buryIfDue(state, item.lane);
  } else restOrWake(state, item);
  enqueue(state, item.lane);
}

export function rest(state: State, item: Item, dueMs: number): void {
  move(state, item, "rest");
  item.dueMs = dueMs;
  state.timers.push({ atMs: dueMs, item, token: 0 });
}

/** From `saving` or, just loaded, from `waiting`. */
export function restOrWake(state: State, item: Item): void {
  const dueMs = Math.max(item.attempt?.dueMs ?? 0, ownTimeOf(item));
  if (dueMs > state.nowMs) rest(state, item, dueMs);
  else if (item.state !== "waiting") move(state, item, "wake");
}

/** A loaded event meets its row: it may rest, be stuck, or turn out to be used up [X3]. */
export function meetRow(state: State, item: Item, attempt: Attempt): void {
  item.attempt = attempt;
  item.suspect ||= attempt.alone && !isPool(state);
  if (attempt.stuck) {
    move(state, item, "stick");
    buryIfDue(state, item.lane);
  } else if (isUsedUp(attempt, state.options)) {
    const note = attempt.notes.at(-1);
    giveUp(state, item, attempt, { kind: note?.kind ?? "interrupted", consumer: null, reason: note?.reason ?? "" });
  } else restOrWake(state, item);
  if (attempt.skip === null) return;
  state.skipKeys.delete(attempt.key);
  buryIfDue(state, item.lane);
}

function report(
  state: State,
  item: Item,
  attempt: Attempt,
  failure: Pick<Failure, "kind" | "consumer" | "reason">,
  outcome: "retry" | "stuck" | "buried",
): void {
  const { failed, interrupted, dueMs } = attempt;
  const { kind, consumer, reason } = failure;
  state.out.push({ type: "failed", entry: item.entry, consumer, kind, reason, failed, interrupted, outcome, dueMs });
}

/** [B4] The notice of an event that was given up. */
function reportLast(state: State, item: Item, attempt: Attempt, outcome: "stuck" | "buried"): void {
  const note = attempt.notes.at(-1);
  const failure = state.givenUp.get(item) ?? { kind: note?.kind ?? "failed", consumer: null, reason: note?.reason ?? "" };
  state.givenUp.delete(item);
  report(state, item, attempt, failure, outcome);
}
