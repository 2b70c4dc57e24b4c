import { createAttempt, isBlank } from "./attempts.ts";
import { type Batch, type Consumer, type Item, none } from "./model.ts";
import type { State } from "./state.ts";
import type { DeliveryItem } from "./types.ts";

/** Tokens that ended without an answer and are still worth a late ack [T6]. */
export const ENDED_TOKENS_MAX = 4_096;

/** Gives tokens to what a consumer was offered in this `apply`. */
export function grant(state: State, consumer: Consumer): void {
  const items = consumer.offers;
  const first = state.lastToken + 1;
  state.lastToken += items.length;
  const untilMs = state.nowMs + state.options.leaseMs;
  const batch: Batch = { consumer, first, items, live: items.length, dueMs: untilMs };
  let token = first;
  for (const item of items) {
    item.token = token;
    item.batch = batch;
    item.leaseUntilMs = untilMs;
    token += 1;
    if (item.redrive === 0 && item.offset > state.offeredTo) {
      state.offeredTo = item.offset;
      state.log.note();
    }
  }
  consumer.batches.push(batch);
  consumer.offers = none;
  state.expiry.push(batch);
  state.out.push({ type: "deliver", consumer: consumer.id, first, items: items.map(deliveryOf) });
}

const deliveryOf = ({ entry, attempt, redrive }: Item): DeliveryItem =>
  attempt === null
    ? { entry, failed: 0, interrupted: 0, redrive }
    : { entry, failed: attempt.failed, interrupted: attempt.interrupted, redrive };

/** The batch of a token; else the next one after it. */
export function batchFrom(consumer: Consumer, token: number): Batch | undefined {
  const { batches } = consumer;
  let low = 0;
  let high = batches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const batch = batches[middle];
    if (batch === undefined || batch.first + batch.items.length > token) high = middle;
    else low = middle + 1;
  }
  return batches[low];
}

type LeaseEnd = { /** Worth a late ack. */ remember: boolean /** The consumer does not know yet. */; tell: boolean };

/** The event is in nobody's hand any more; what becomes of it is the caller's. */
export function endLease(state: State, item: Item, { remember, tell }: LeaseEnd): void {
  const { batch, token } = item;
  if (batch === null) throw new Error(`Broken invariant: event ${item.offset} has no lease to end.`);
  const { consumer } = batch;
  consumer.events -= 1;
  consumer.bytes -= item.bytes;
  batch.live -= 1;
  if (batch.live === 0) sweepBatches(state, batch);
  if (tell) tellLost(state, consumer, token, token);
  if (remember) rememberEnded(state, item, consumer);
  if (consumer.alone === item) consumer.alone = null;
  const { attempt } = item;
  if (attempt !== null && attempt.offered !== null) {
    attempt.offered = null;
    if (isBlank(attempt)) forgetAttempt(state, item);
    else state.log.putRow(attempt);
  }
  item.batch = null;
  item.token = 0;
  item.started = false;
}

export function tellLost(state: State, consumer: Consumer, from: number, to: number): void {
  const last = consumer.lost.at(-1);
  if (last === undefined) state.losers.push(consumer);
  if (last !== undefined && last[1] + 1 === from) last[1] = to;
  else consumer.lost.push([from, to]);
}

function rememberEnded(state: State, item: Item, consumer: Consumer): void {
  state.ended.set(item.token, { item, instance: consumer.instance, consumer: consumer.id });
  if (state.ended.size <= ENDED_TOKENS_MAX) return;
  const oldest = state.ended.keys().next();
  if (!oldest.done) state.ended.delete(oldest.value);
}

/** A batch has no lease left. Nearly always it is the oldest one; the others are swept when half of a list is dead. */
function sweepBatches(state: State, batch: Batch): void {
  const { consumer } = batch;
  if (consumer.batches[0] === batch) consumer.batches.shift();
  else consumer.deadBatches += 1;
  if (consumer.deadBatches * 2 > consumer.batches.length) {
    consumer.batches = consumer.batches.filter(({ live }) => live > 0);
    consumer.deadBatches = 0;
  }
  if (state.expiry.peek() === batch) state.expiry.shift();
  else state.expiryDead += 1;
  if (state.expiryDead * 2 > state.expiry.size) {
    state.expiry.keep(({ live }) => live > 0);
    state.expiryDead = 0;
  }
}

/** From the offer on, the row of an event that is in hand alone says what a death of the hub would mean [P6]. */
export function offerAlone(state: State, item: Item, consumer: Consumer): void {
  const attempt = attemptOf(state, item);
  attempt.alone = true;
  attempt.offered = { atMs: state.nowMs, by: consumer.by };
  consumer.alone = item;
  state.log.putRow(attempt);
}

export function attemptOf(state: State, item: Item) {
  if (item.attempt !== null) return item.attempt;
  const attempt = createAttempt(item.offset, item.entry.key, item.redrive);
  attempt.alone = item.suspect;
  item.attempt = attempt;
  state.attempts.set(item.offset, attempt);
  return attempt;
}

export function forgetAttempt(state: State, item: Item): void {
  if (item.attempt === null) return;
  item.attempt = null;
  state.attempts.delete(item.offset);
  state.log.removeRow(item.offset);
}
