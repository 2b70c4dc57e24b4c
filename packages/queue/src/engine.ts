/**
 * Joins the parts: inputs change the state, then time passes, then consumers hear what ended,
 * then they are served, then history is asked for, and at last what changed is written. An effect per batch, not per event.
 */

import { dispatch } from "./dispatch.ts";
import { drain, handAllBack } from "./drain.ts";
import { expire, remove, takeBack } from "./ends.ts";
import { explain } from "./explain.ts";
import { appended, ask, loaded, loadedParked, resolved, trimmed } from "./feed.ts";
import { Fifo } from "./fifo.ts";
import { gapsBefore, tellGapsTo } from "./gaps.ts";
import { askForChunk, enqueue } from "./lanes.ts";
import { type Consumer, none } from "./model.ts";
import { discard, pause, redrive, retryKey, setPolicy, skipKey } from "./operator.ts";
import { buryIfDue, saved } from "./outcome.ts";
import { askAgainLater } from "./passed.ts";
import { settle } from "./settle.ts";
import { createState, isPool, move, type State } from "./state.ts";
import type {
  Engine,
  EngineEffect,
  EngineInput,
  EngineOptions,
  EngineView,
  Entry,
  Explained,
  Explanation,
  Moment,
  OffsetRange,
  Restored,
} from "./types.ts";
import { view } from "./view.ts";

/** Outside of a turn nothing can be handed out. */
const nothing: EngineEffect[] = [];
Object.freeze(nothing);

class StatefulEngine implements Engine {
  readonly state: State;

  constructor(state: State) {
    this.state = state;
  }

  apply(inputs: readonly EngineInput[], { nowMs, chance }: Moment, out: EngineEffect[]): void {
    const { state } = this;
    state.nowMs = nowMs;
    state.chance = chance;
    state.out = out;
    for (const input of inputs) applyOne(state, input);
    advance(state);
    buryStuck(state);
    tellEnds(state);
    dispatch(state);
    ask(state);
    commit(state);
    wake(state);
    // What was handed out is the caller's: kept here, it would hold the last bodies of a subscription that is at rest.
    state.out = nothing;
  }

  hasUnwritten(): boolean {
    return this.state.log.hasNoted;
  }

  landSilently(commit: number): boolean {
    const { log } = this.state;
    const isSilent = log.isSilent(commit);
    if (isSilent) log.landed(commit);
    return isSilent;
  }

  view(): EngineView {
    return view(this.state);
  }

  *entries(): Generator<Entry> {
    for (const { entry } of this.state.window.items()) yield entry;
  }

  gaps(firstKept: number): OffsetRange[] {
    return gapsBefore(this.state, firstKept);
  }

  explain(event: Explained, nowMs: number): Explanation {
    return explain(this.state, event, nowMs);
  }
}

/** The rules of one subscription, from what is durable of it. Changed in place by `apply`; see SPEC.md. */
export const createEngine = (options: EngineOptions, restored: Restored): Engine => new StatefulEngine(createState(options, restored));

/** For the invariants and tests only. */
export function stateOf(engine: Engine): State {
  if (!(engine instanceof StatefulEngine)) throw new Error("This engine was not made by createEngine.");
  return engine.state;
}

function applyOne(state: State, input: EngineInput): void {
  switch (input.type) {
    case "appended":
      appended(state, input);
      break;
    case "loaded":
      loaded(state, input);
      break;
    case "trimmed":
      trimmed(state, input);
      break;
    case "loaded-parked":
      loadedParked(state, input);
      break;
    case "committed":
      for (const item of state.log.landed(input.commit)) saved(state, item);
      break;
    case "subscribe":
      subscribe(state, input);
      break;
    case "credit": {
      const consumer = state.consumers.get(input.consumer);
      if (consumer !== undefined) consumer.credit = input.credit;
      break;
    }
    case "settle": {
      const consumer = state.consumers.get(input.consumer);
      if (consumer !== undefined) settle(state, consumer, input.settle);
      break;
    }
    case "disconnect":
    case "withdraw": {
      const consumer = state.consumers.get(input.consumer);
      if (consumer !== undefined) remove(state, consumer, state.isDraining ? "withdraw" : input.type);
      break;
    }
    case "resolved":
      resolved(state, input.offsets);
      break;
    case "redrive":
      redrive(state, input.entry, input.redrive, input.notes ?? []);
      break;
    case "retry-key":
      retryKey(state, input.key);
      break;
    case "skip-key":
      skipKey(state, input.key, input);
      break;
    case "pause":
      pause(state, input.paused);
      break;
    case "drain":
      drain(state);
      break;
    case "hand-back":
      handAllBack(state);
      break;
    case "policy":
      setPolicy(state, input.policy);
      break;
    case "discard":
      discard(state, input.offset);
      break;
    case "write":
      state.log.writeNoted();
      break;
    case "tick":
      break;
  }
}

function subscribe(state: State, { consumer: id, instance, by, mode, credit }: Extract<EngineInput, { type: "subscribe" }>): void {
  if (state.consumers.has(id)) throw new Error(`Broken invariant: consumer ${id} is subscribed already.`);
  const consumer: Consumer = {
    id,
    instance,
    by,
    mode,
    credit,
    events: 0,
    bytes: 0,
    batches: [],
    deadBatches: 0,
    lanes: new Fifo(),
    lanesTurn: false,
    isShort: false,
    alone: null,
    offers: none,
    acked: none,
    lost: [],
  };
  state.consumers.set(id, consumer);
  // `concat`, for a list of one has room for one then.
  state.ring = state.ring.concat(consumer);
  tellGapsTo(state, consumer);
  if (instance !== "" && !isPool(state)) takeBack(state, instance);
}

/** What time alone changes: leases end, events and keys have rested. */
function advance(state: State): void {
  const { nowMs, timers, expiry } = state;
  for (let batch = expiry.peek(); batch !== undefined && (batch.live === 0 || batch.dueMs <= nowMs); batch = expiry.peek()) {
    expiry.shift();
    if (batch.live === 0) continue;
    for (const item of batch.items) {
      if (item.batch !== batch || item.state !== "held") continue;
      if (item.leaseUntilMs <= nowMs) expire(state, item);
      else timers.push({ atMs: item.leaseUntilMs, item, token: item.token });
    }
  }
  for (let timer = timers.takeDue(nowMs); timer !== undefined; timer = timers.takeDue(nowMs)) {
    if ("lane" in timer) {
      askForChunk(state, timer.lane);
      continue;
    }
    if ("round" in timer) {
      if (timer.item.rounds === timer.round) askAgainLater(state, timer.item);
      continue;
    }
    const { item, token } = timer;
    if (token > 0) {
      if (item.token !== token || item.state !== "held") continue;
      if (item.leaseUntilMs <= nowMs) expire(state, item);
      else timers.push({ atMs: item.leaseUntilMs, item, token });
    } else if (item.state === "resting" && item.dueMs <= nowMs && (item.inWindow || item.redrive > 0)) {
      move(state, item, "wake");
      enqueue(state, item.lane);
    }
  }
}

function buryStuck(state: State): void {
  if (state.stuckFirst.length === 0) return;
  const lanes = state.stuckFirst;
  state.stuckFirst = [];
  for (const lane of lanes) buryIfDue(state, lane);
}

/** Before anything is offered again: a consumer hears of the end of a lease before it hears of the next one. */
function tellEnds(state: State): void {
  if (state.ackers.length > 0) {
    for (const consumer of state.ackers) {
      const entries = consumer.acked;
      consumer.acked = none;
      state.out.push({ type: "settled", how: "acked", entries, count: entries.length, consumer: consumer.id });
    }
    state.ackers = none;
  }
  if (state.settled.size > 0) {
    for (const [how, { entries, count }] of state.settled) state.out.push({ type: "settled", how, entries, count, consumer: null });
    state.settled.clear();
  }
  if (state.losers.length === 0) return;
  for (const consumer of state.losers) {
    const tokens = consumer.lost.sort((a, b) => a[0] - b[0]);
    consumer.lost = [];
    if (state.consumers.has(consumer.id)) state.out.push({ type: "lost", consumer: consumer.id, epoch: state.options.epoch, tokens });
  }
  state.losers = [];
}

/** Said over and over. */
const unwritten: EngineEffect = Object.freeze({ type: "unwritten" });

function commit(state: State): void {
  if (state.log.tellNoted()) state.out.push(unwritten);
  if (!state.log.isDue) return;
  const { generation, cursor, offeredTo, ackedTo, paused } = state;
  const open = state.window.open(notInMemory(state));
  state.out.push(state.log.take({ generation, cursor, open, offeredTo, ackedTo, paused }));
}

/** Unsettled all the same, ascending. */
function notInMemory({ unloaded, gaps }: State): readonly OffsetRange[] {
  if (gaps.length === 0) return unloaded;
  return [...unloaded, ...gaps.map(({ from, to }): OffsetRange => [from, to])].sort(([a], [b]) => a - b);
}

const never = Number.POSITIVE_INFINITY;

/** Only an earlier time than the one already asked for is worth an effect: the rest is looked up when that one has come. */
function wake(state: State): void {
  const { nowMs, expiry, timers, drain } = state;
  if (state.wakeAtMs !== null && state.wakeAtMs <= nowMs) state.wakeAtMs = null;
  const atMs = Math.min(expiry.peek()?.dueMs ?? never, timers.peek()?.atMs ?? never, drain?.untilMs ?? never);
  if (atMs === never || (state.wakeAtMs !== null && state.wakeAtMs <= atMs)) return;
  state.wakeAtMs = atMs;
  state.out.push({ type: "wake", atMs });
}
