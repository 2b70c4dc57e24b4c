/** A key's lane: where it waits for its turn, and what leaves it. */
import { endLease, forgetAttempt } from "./leases.ts";
import { createLane, firstOf, type Item, isInHand, type Lane, nextOf, none, notInHand, withOne } from "./model.ts";
import { type How, move, noteSettled, type State } from "./state.ts";
import type { Entry } from "./types.ts";

/** A parked key gets its next chunk when it has fewer waiting events in memory. Below half of what parking leaves, or the two would chase each other. */
const chunkWantedBelow = ({ options }: State): number => Math.max(1, Math.min(16, options.keyWaitingMax >> 1));

/** The lane of an event's key; made where there is none. */
export function laneOf(state: State, entry: Entry): Lane {
  const { order } = state.options;
  const key = order === "key" ? entry.key : order === "queue" ? "" : String(entry.offset);
  let lane = state.window.lanes.get(key);
  if (lane === undefined) {
    lane = createLane(key);
    state.window.lanes.set(key, lane);
  }
  return lane;
}

/** The queue that a lane belongs in: its next event's, if that can be offered to anybody [O1] [A4]. */
export function placeOf(lane: Lane): Lane["queued"] {
  const item = nextOf(lane);
  if (item === undefined || item.state !== "waiting") return "none";
  if (isInHand(lane)) return lane.holder?.mode === "frames" && !item.suspect && lane.holder.alone === null ? "holder" : "none";
  return item.suspect ? "suspect" : "ready";
}

/** Puts the lane where it belongs. An entry in another queue becomes stale by `queued`, and is skipped there. */
export function enqueue(state: State, lane: Lane): void {
  const place = placeOf(lane);
  if (place !== lane.queued) {
    lane.queued = place;
    if (place === "ready") state.ready.push(lane);
    else if (place === "suspect") state.suspects.push(lane);
    else if (place === "holder") lane.holder?.lanes.push(lane);
  }
  if (lane.parked !== null) askForChunk(state, lane);
}

export function askForChunk(state: State, lane: Lane): void {
  if (lane.parked === null || lane.parked.loading || lane.wantsChunk || notInHand(lane) >= chunkWantedBelow(state)) return;
  lane.wantsChunk = true;
  state.wantChunk.push(lane);
}

export function append(state: State, lane: Lane, item: Item): void {
  lane.items = withOne(lane.items, item);
  if (!lane.long && notInHand(lane) > state.options.keyWaitingMax && state.options.order === "key") {
    lane.long = true;
    state.window.longLanes.add(lane);
  }
}

/** An acked event whose turn it is; with it go those after it that were acked early [O2]. */
export function settleAcked(state: State, lane: Lane, by: NonNullable<Lane["holder"]>): void {
  let item = firstOf(lane);
  do {
    if (item === undefined) break;
    move(state, item, "ack");
    if (item.redrive > 0) settleRedrive(state, item);
    else {
      state.ackedTo = Math.max(state.ackedTo, item.offset);
      if (by.acked.length === 0) state.ackers = withOne(state.ackers, by);
      by.acked = withOne(by.acked, item.entry);
    }
    leave(state, item);
    item = firstOf(lane);
  } while (item?.state === "answered");
  afterLeaving(state, lane);
}

function settleRedrive(state: State, item: Item): void {
  state.deadCount -= 1;
  state.log.changeDead(item.offset, null);
  state.out.push({
    type: "settled",
    how: "acked",
    entries: [item.entry],
    count: 1,
    consumer: item.batch?.consumer.id ?? null,
    redrive: true,
  });
}

/** The first event of a lane is settled by something else than an ack. */
export function settleFirst(state: State, item: Item, how: How): void {
  move(state, item, "settle");
  if (item.redrive > 0) state.out.push({ type: "settled", how, entries: [item.entry], count: 1, consumer: null, redrive: true });
  else noteSettled(state, how, item.entry, 1);
  leave(state, item);
  afterLeaving(state, item.lane);
}

function leave(state: State, item: Item): void {
  const { lane } = item;
  if (firstOf(lane) !== item) throw new Error(`Broken invariant: event ${item.offset} leaves before its turn.`);
  if (item.batch !== null) endLease(state, item, { remember: false, tell: false });
  lane.head += 1;
  if (lane.next < lane.head) lane.next = lane.head;
  if (item.attempt !== null) forgetAttempt(state, item);
  item.blame = null;
  if (state.givenUp.size > 0) state.givenUp.delete(item);
  forget(state, item);
  state.log.touch();
}

/** Out of memory: settled or parked. */
export function forget(state: State, item: Item): void {
  state.isFull = false;
  if (item.redrive > 0) state.redrives.delete(item.offset);
  else state.window.drop(item);
}

function afterLeaving(state: State, lane: Lane): void {
  if (lane.head === lane.next) lane.holder = null;
  trim(state, lane);
  if (lane.items.length > 0 || lane.parked !== null) enqueue(state, lane);
  if (firstOf(lane)?.state === "stuck") state.stuckFirst.push(lane);
}

/** Lets settled items go; and the lane, when it is empty, with others. */
export function trim(state: State, lane: Lane): void {
  if (lane.head === lane.items.length) {
    // Not `length = 0`, which V8 does by a call, for each event.
    lane.items = none;
    lane.head = 0;
    lane.next = 0;
    lane.queued = "none";
    if (lane.parked === null) state.window.emptied(state.parked.size > 0);
  } else if (lane.head >= 64 && lane.head * 2 >= lane.items.length) {
    lane.items = lane.items.slice(lane.head);
    lane.next -= lane.head;
    lane.head = 0;
  }
  if (lane.long && notInHand(lane) <= state.options.keyWaitingMax) {
    lane.long = false;
    state.window.longLanes.delete(lane);
  }
}

/** Ends the leases of all events of the lane from `index` on, uncounted [O3]. */
export function voidFrom(state: State, lane: Lane, index: number, tell: boolean): void {
  for (let at = lane.next - 1; at >= index; at--) {
    const item = lane.items[at];
    if (item === undefined) continue;
    endLease(state, item, { remember: true, tell });
    move(state, item, "return");
  }
  lane.next = Math.min(lane.next, index);
  if (lane.head === lane.next) lane.holder = null;
}

/** Where an event in hand stands in its lane. */
export function indexInHand(lane: Lane, item: Item): number {
  for (let index = lane.head; index < lane.next; index++) if (lane.items[index] === item) return index;
  throw new Error(`Broken invariant: event ${item.offset} is not in hand in its lane.`);
}
