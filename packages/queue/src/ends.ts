/** How leases end without an answer: their time is over, the connection died, or the consumer left. */
import { isBlank } from "./attempts.ts";
import { enqueue, indexInHand, voidFrom } from "./lanes.ts";
import { attemptOf, endLease, forgetAttempt } from "./leases.ts";
import type { Consumer, Item, Lane } from "./model.ts";
import { count, fail } from "./outcome.ts";
import { oneLess, passed } from "./passed.ts";
import { isPool, move, type State } from "./state.ts";

/** Instances whose return can undo what their disconnect counted. */
const DEPARTED_MAX = 64;

/** A lease is over [T2]. */
export function expire(state: State, item: Item): void {
  const { batch } = item;
  if (batch === null) return;
  const { consumer } = batch;
  if (isPool(state)) {
    passOn(state, item, consumer, { isTold: true });
  } else if (item.started || consumer.alone === item) {
    fail(state, item, {
      kind: "failed",
      by: consumer.by,
      consumer: consumer.id,
      reason: "the lease ended",
      delayMs: null,
      isFinal: false,
      isExpired: true,
    });
  } else {
    const { lane } = item;
    voidFrom(state, lane, indexInHand(lane, item), true);
    item.suspect = true;
    enqueue(state, lane);
  }
}

/** Handed back: uncounted, at once, with the later ones of its key [S3]. */
export function handBack(state: State, item: Item): void {
  const { lane } = item;
  const index = indexInHand(lane, item);
  voidFrom(state, lane, index + 1, true);
  endLease(state, item, { remember: false, tell: false });
  move(state, item, "return");
  lane.next = index;
  if (lane.head === index) lane.holder = null;
  enqueue(state, lane);
}

/** [K1] [K2] The next consumer of the pool is asked. */
export function passOn(state: State, item: Item, consumer: Consumer, { isTold }: { isTold: boolean }): void {
  const { lane } = item;
  endLease(state, item, { remember: false, tell: isTold });
  move(state, item, "return");
  lane.next = lane.head;
  lane.holder = null;
  passed(state, item, consumer);
  enqueue(state, lane);
}

/** The connection is gone [A3], or the consumer leaves [A8]. */
export function remove(state: State, consumer: Consumer, how: "disconnect" | "withdraw"): void {
  state.consumers.delete(consumer.id);
  state.ring = state.ring.filter((other) => other !== consumer);
  if (state.drain?.consumer === consumer) state.drain = null;
  letGo(state, consumer, { how, tell: false });
  if (isPool(state)) oneLess(state);
}

type LettingGo = { how: "disconnect" | "withdraw" /** The consumer does not know yet. */; tell: boolean };

/** All that it has in hand goes back. */
export function letGo(state: State, consumer: Consumer, ending: LettingGo): void {
  const lanes = new Set<Lane>();
  for (const batch of consumer.batches) {
    for (const item of batch.items) if (item.batch === batch) lanes.add(item.lane);
  }
  const blamed: Item[] = [];
  for (const lane of lanes) release(state, lane, { consumer, ...ending, blamed });
  if (blamed.length > 0 && consumer.instance !== "") rememberDeparted(state, consumer.instance, blamed);
}

type Release = LettingGo & { consumer: Consumer; blamed: Item[] };

function release(state: State, lane: Lane, { consumer, how, tell, blamed }: Release): void {
  const { next } = lane;
  const isBlamable = how === "disconnect" && !isPool(state);
  const interrupted: Item[] = [];
  for (let index = lane.head; index < next; index++) {
    const item = lane.items[index];
    if (item === undefined) continue;
    const isAnswered = item.state === "answered";
    const counted = isBlamable && !isAnswered && (item.started || consumer.alone === item);
    if (isBlamable && !isAnswered) {
      item.blame = { instance: consumer.instance, counted, wasAlone: item.suspect };
      item.suspect = true;
      blamed.push(item);
    }
    // Where nobody can be offered it meanwhile, an ack that is on its way still counts.
    endLease(state, item, { remember: (how === "disconnect" || tell) && !isPool(state), tell });
    if (counted) interrupted.push(item);
    else move(state, item, "return");
  }
  lane.next = lane.head;
  lane.holder = null;
  for (const item of interrupted) {
    count(state, item, {
      kind: "interrupted",
      by: consumer.by,
      consumer: consumer.id,
      reason: "the connection was lost",
      delayMs: null,
      isFinal: false,
      isExpired: true,
    });
  }
  enqueue(state, lane);
}

function rememberDeparted(state: State, instance: string, items: Item[]): void {
  const before = state.departed.get(instance) ?? [];
  state.departed.delete(instance);
  // A connection that comes and goes before all is offered again leaves more than one list.
  state.departed.set(instance, [...before.filter((item) => item.blame?.instance === instance && !items.includes(item)), ...items]);
  if (state.departed.size <= DEPARTED_MAX) return;
  const oldest = state.departed.keys().next();
  if (!oldest.done) state.departed.delete(oldest.value);
}

/** [A6] The same process is back: what was not offered since was not interrupted. */
export function takeBack(state: State, instance: string): void {
  const items = state.departed.get(instance);
  if (items === undefined) return;
  state.departed.delete(instance);
  for (const item of items) {
    const { blame } = item;
    if (blame === null || blame.instance !== instance) continue;
    item.blame = null;
    if (!item.inWindow && item.redrive === 0) continue;
    if (item.state !== "waiting" && item.state !== "saving" && item.state !== "resting") continue;
    if (item.attempt?.stuck === true) continue;
    item.suspect = blame.wasAlone;
    if (item.attempt !== null) unblame(state, item, blame.counted);
    enqueue(state, item.lane);
  }
}

function unblame(state: State, item: Item, isCounted: boolean): void {
  const attempt = attemptOf(state, item);
  if (isCounted) {
    attempt.interrupted -= 1;
    attempt.notes.pop();
  }
  attempt.alone = item.suspect;
  if (isBlank(attempt)) forgetAttempt(state, item);
  else state.log.putRow(attempt);
}
