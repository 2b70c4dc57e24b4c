/** Who is offered what: suspects first, alone; then keys in turn to consumers in turn. */

import type { Fifo } from "./fifo.ts";
import { enqueue, placeOf } from "./lanes.ts";
import { grant, offerAlone } from "./leases.ts";
import { type Consumer, hasRoom, type Item, isInHand, type Lane, nextOf, none, withOne } from "./model.ts";
import { isHeld, isPool, move, type State } from "./state.ts";

/** Events that a consumer is offered before it is another one's turn. */
const TURN_EVENTS = 32;

export function dispatch(state: State): void {
  state.isHungry = false;
  state.hasOffered = false;
  if (isHeld(state) || state.ring.length === 0) return;
  offerSuspects(state);
  offerInTurn(state);
  state.hasOffered = state.offered.length > 0;
  if (!state.hasOffered) return;
  for (const consumer of state.offered) grant(state, consumer);
  state.offered = none;
}

function offerInTurn(state: State): void {
  const { ring } = state;
  const turnEvents = isPool(state) ? 1 : TURN_EVENTS;
  let idle = 0;
  while (idle < ring.length) {
    state.turn = (state.turn + 1) % ring.length;
    const consumer = ring[state.turn];
    if (consumer === undefined || !isServed(state, consumer)) {
      idle += 1;
      continue;
    }
    let given = 0;
    consumer.isShort = false;
    while (given < turnEvents && hasRoom(consumer) && offerNext(state, consumer)) given += 1;
    if (given > 0) idle = 0;
    else {
      idle += 1;
      state.isHungry ||= !consumer.isShort;
      // With nothing for anybody, one look is enough for all of them.
      if (state.ready.size === 0 && state.options.order === "none") return;
    }
  }
}

const isServed = (state: State, consumer: Consumer): boolean => hasRoom(consumer) && state.drain?.consumer !== consumer;

/** The keys that it has in hand already and those that nobody has, by turns [O6]. */
function offerNext(state: State, consumer: Consumer): boolean {
  if (isPool(state)) return offerOfPool(state, consumer);
  consumer.lanesTurn = !consumer.lanesTurn;
  if (consumer.lanesTurn) return offerFrom(state, consumer, consumer.lanes) || offerFrom(state, consumer, state.ready);
  return offerFrom(state, consumer, state.ready) || offerFrom(state, consumer, consumer.lanes);
}

function offerFrom(state: State, consumer: Consumer, lanes: Fifo<Lane>): boolean {
  const queued = lanes === state.ready ? "ready" : "holder";
  for (let lane = lanes.peek(); lane !== undefined; lane = lanes.peek()) {
    const item =
      lane.queued === queued && (queued === "ready" || lane.holder === consumer) && placeOf(lane) === queued ? nextOf(lane) : undefined;
    if (item === undefined) {
      lanes.shift();
      if (lane.queued === queued && (queued === "ready" || lane.holder === consumer)) lane.queued = "none";
      continue;
    }
    if (!fits(consumer, item)) {
      consumer.isShort = true;
      return false;
    }
    lanes.shift();
    offer(state, consumer, item);
    return true;
  }
  return false;
}

function offerOfPool(state: State, consumer: Consumer): boolean {
  const lane = state.ready.takeFirst((candidate) => {
    const item = candidate.queued === "ready" ? nextOf(candidate) : undefined;
    return item !== undefined && item.state === "waiting" && (item.passed?.get(consumer.id) ?? 0) <= state.nowMs && fits(consumer, item);
  });
  const item = lane === undefined ? undefined : nextOf(lane);
  if (item === undefined) return false;
  offer(state, consumer, item);
  return true;
}

/** [C1] */
const fits = (consumer: Consumer, item: Item): boolean => consumer.events === 0 || consumer.bytes + item.bytes <= consumer.credit.bytes;

function offer(state: State, consumer: Consumer, item: Item): void {
  const { lane } = item;
  move(state, item, "offer");
  item.blame = null;
  consumer.events += 1;
  consumer.bytes += item.bytes;
  if (consumer.offers.length === 0) state.offered = withOne(state.offered, consumer);
  consumer.offers = withOne(consumer.offers, item);
  lane.next += 1;
  lane.holder = consumer;
  lane.queued = "none";
  enqueue(state, lane);
}

/** [A4] [A5] */
function offerSuspects(state: State): void {
  for (let lane = state.suspects.peek(); lane !== undefined; lane = state.suspects.peek()) {
    const item = lane.queued === "suspect" && placeOf(lane) === "suspect" && !isInHand(lane) ? nextOf(lane) : undefined;
    if (item === undefined) {
      state.suspects.shift();
      if (lane.queued === "suspect") lane.queued = "none";
      continue;
    }
    const consumer = nextEmptyHand(state);
    if (consumer === undefined) {
      drainOne(state);
      return;
    }
    state.suspects.shift();
    lane.queued = "none";
    // Before the offer, so that the key's next event is not queued for this consumer.
    offerAlone(state, item, consumer);
    offer(state, consumer, item);
    if (state.drain?.consumer === consumer) state.drain = null;
  }
  state.drain = null;
}

function nextEmptyHand(state: State): Consumer | undefined {
  const { ring } = state;
  for (let step = 1; step <= ring.length; step++) {
    const at = (state.turn + step) % ring.length;
    const consumer = ring[at];
    if (consumer === undefined || consumer.events > 0 || !hasRoom(consumer)) continue;
    state.turn = at;
    return consumer;
  }
  return undefined;
}

/** Nobody's hand is empty: one consumer gets nothing new, for a while. */
function drainOne(state: State): void {
  const { drain, nowMs, options } = state;
  if (drain !== null && nowMs < drain.untilMs) return;
  if (drain?.consumer) {
    // It took too long: its events go on being worked on, and so do the others.
    state.drain = { consumer: null, untilMs: nowMs + options.leaseMs };
    return;
  }
  let least: Consumer | null = null;
  for (const consumer of state.ring) {
    if (consumer.alone !== null || consumer.credit.events === 0 || consumer.credit.bytes === 0) continue;
    if (least === null || consumer.events < least.events) least = consumer;
  }
  state.drain = least === null ? null : { consumer: least, untilMs: nowMs + options.leaseMs };
}
