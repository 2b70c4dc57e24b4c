/** Why an event is not settled: the one thing that must change first [E*]. Looks only. */
import type { EngineReason } from "@waybill/events";
import { firstOf, hasRoom, type Item, isDelayed, type Lane } from "./model.ts";
import { isCrowded } from "./parked.ts";
import { isPool, type State } from "./state.ts";
import type { Explained, Explanation } from "./types.ts";

export function explain(state: State, event: Explained, nowMs: number): Explanation {
  const { offset, type } = event;
  const redriven = state.redrives.get(offset);
  if (redriven !== undefined) return { first: offset, redrive: redriven.redrive, reason: reasonOfItem(state, redriven, nowMs) };
  const own = (reason: EngineReason): Explanation => ({ first: offset, redrive: 0, reason });
  if (offset > state.head) return own({ because: "ahead", head: state.head });
  const lane = laneOfEvent(state, event);
  const item = lane?.items.find((one, index) => index >= lane.head && one.offset === offset);
  if (item === undefined && !isLeft(state, offset, lane)) return own({ because: "settled" });
  if (type !== undefined && state.wanted?.has(type) === false) return own({ because: "unwanted" });
  if (item !== undefined && (item.state === "held" || item.state === "answered")) return own(reasonOfItem(state, item, nowMs));
  const first = firstOfKey(state, event, lane);
  return { first, redrive: 0, reason: reasonAt(state, { first, event, lane, nowMs }) };
}

function laneOfEvent({ options, window }: State, { offset, key }: Explained): Lane | undefined {
  if (options.order === "queue") return window.lanes.get("");
  if (options.order === "none") return window.lanes.get(String(offset));
  return key === undefined ? window.items().find((item) => item.offset === offset)?.lane : window.lanes.get(key);
}

/** Not in memory, and not settled: not read, open and not loaded, or parked. All of a key behind its first parked event is parked [W5]. */
function isLeft({ cursor, unloaded }: State, offset: number, lane: Lane | undefined): boolean {
  if (offset > cursor || unloaded.some(([from, to]) => from <= offset && offset <= to)) return true;
  return isParked(lane, offset);
}

const isParked = (lane: Lane | undefined, offset: number): boolean =>
  lane !== undefined && lane.parked !== null && offset >= lane.parked.first;

/** The earliest event of the key that is known to be unsettled; the event itself, where none is. */
function firstOfKey(state: State, { offset, key }: Explained, lane: Lane | undefined): number {
  const inMemory = lane === undefined ? undefined : firstOf(lane);
  let first = Math.min(offset, inMemory?.offset ?? offset, lane?.parked?.first ?? offset);
  if (isPool(state)) return first;
  for (const attempt of state.attempts.values()) {
    const isSameKey = state.options.order === "queue" || attempt.key === key;
    if (isSameKey && attempt.redrive === 0) first = Math.min(first, attempt.offset);
  }
  return first;
}

type Asked = { first: number; event: Explained; lane: Lane | undefined; nowMs: number };

function reasonAt(state: State, { first: offset, event, lane, nowMs }: Asked): EngineReason {
  const item = lane === undefined ? undefined : firstOf(lane);
  if (item !== undefined && item.offset === offset) return reasonOfItem(state, item, nowMs);
  const attempt = state.attempts.get(offset);
  if (attempt?.stuck) return { because: "stuck", failed: attempt.failed, interrupted: attempt.interrupted };
  const parked = lane !== undefined && isParked(lane, offset) ? lane.parked : null;
  const ownMs = Math.max(offset === event.offset ? (event.notBeforeMs ?? 0) : 0, parked?.isDelayed ? parked.dueMs : 0);
  if (ownMs > nowMs) return { because: "delayed", untilMs: ownMs };
  const dueMs = Math.max(attempt?.dueMs ?? 0, parked?.dueMs ?? 0);
  if (dueMs > nowMs) return { because: "resting", dueMs, failed: attempt?.failed ?? 0, interrupted: attempt?.interrupted ?? 0 };
  const held = reasonOfAll(state);
  if (held !== null) return held;
  if (!state.ring.some(hasRoom)) return reasonOfFullHands(state);
  if (parked !== null) return { because: "parked", from: parked.first };
  return { because: "not-read", cursor: state.cursor, ...(isCrowded(state) ? { parkedKeys: state.parked.size } : {}) };
}

function reasonOfItem(state: State, item: Item, nowMs: number): EngineReason {
  const { attempt } = item;
  const counts = { failed: attempt?.failed ?? 0, interrupted: attempt?.interrupted ?? 0 };
  switch (item.state) {
    case "held":
    case "answered": {
      const { batch } = item;
      if (batch === null) throw new Error(`Broken invariant: event ${item.offset} is in hand and has no lease.`);
      const { consumer } = batch;
      const alone = consumer.alone === item;
      const answered = item.state === "answered";
      return { because: "in-hand", by: consumer.by, untilMs: item.leaseUntilMs, started: item.started, alone, answered };
    }
    case "saving":
    case "burying":
      return { because: "saving" };
    case "stuck":
      return { because: "stuck", ...counts };
    case "resting":
      if (isDelayed(item)) return { because: "delayed", untilMs: item.dueMs };
      return { because: "resting", dueMs: item.dueMs, ...counts };
    case "waiting":
      return reasonOfWaiting(state, item, nowMs);
    case "done":
      return { because: "settled" };
  }
}

/** It may be offered, and is not. */
function reasonOfWaiting(state: State, item: Item, nowMs: number): EngineReason {
  const { ring } = state;
  const held = reasonOfAll(state);
  if (held !== null) return held;
  if (item.suspect && !ring.some((consumer) => consumer.events === 0 && hasRoom(consumer))) return { because: "suspect" };
  const free = ring.filter(
    (consumer) => hasRoom(consumer) && (consumer.events === 0 || consumer.bytes + item.bytes <= consumer.credit.bytes),
  );
  if (free.length === 0) return reasonOfFullHands(state);
  const untilMs = Math.min(...free.map(({ id }) => item.passed?.get(id) ?? 0));
  return untilMs > nowMs ? { because: "passed", untilMs } : { because: "ready" };
}

/** What holds all events of the subscription. */
function reasonOfAll({ paused, ring }: State): EngineReason | null {
  if (paused) return { because: "paused" };
  return ring.length === 0 ? { because: "no-consumer" } : null;
}

function reasonOfFullHands({ ring, counts }: State): EngineReason {
  const alone = ring.find((consumer) => consumer.alone !== null)?.alone;
  if (alone && ring.every((consumer) => consumer.alone !== null)) return { because: "alone", offset: alone.offset };
  return { because: "no-credit", consumers: ring.length, inHand: counts.held + counts.answered };
}
