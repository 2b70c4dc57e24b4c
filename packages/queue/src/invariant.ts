/** What must hold after every step, see "Invariants" in SPEC.md. Slow: for tests and simulations. */
import { stateOf } from "./engine.ts";
import { placeOf } from "./lanes.ts";
import type { Item, Lane } from "./model.ts";
import type { State } from "./state.ts";
import type { Engine } from "./types.ts";

/** Throws at the first invariant that does not hold. */
export function checkInvariants(engine: Engine): void {
  const state = stateOf(engine);
  const lanes = new Set([...state.window.lanes.values(), ...[...state.redrives.values()].map(({ lane }) => lane)]);
  checkWindow(state);
  for (const lane of lanes) checkLane(state, lane);
  checkConsumers(state);
  checkQueued(state, lanes);
}

/** `what` is asked for only when it is to be said: making a text costs more than looking. */
function must(holds: boolean, what: () => string): asserts holds {
  if (!holds) throw new Error(`Broken invariant: ${what()}.`);
}

function checkWindow({ window, options, counts, redrives, unloaded, gaps, cursor }: State): void {
  const items = window.items();
  must(items.length === window.events, () => `the window holds ${items.length} events and counts ${window.events}`);
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  must(bytes === window.bytes, () => `the window holds ${bytes} bytes and counts ${window.bytes}`);
  must(window.events <= options.windowEventsMax, () => `the window holds ${window.events} events`);
  must(window.bytes <= options.windowBytesMax || window.events === 1, () => `the window holds ${window.bytes} bytes`);
  const offsets = new Set(items.map(({ offset }) => offset));
  must(offsets.size === items.length, () => "an event is in the window twice");
  for (const offset of offsets) {
    must(offset <= cursor, () => `event ${offset} is beyond the cursor ${cursor}`);
    must(!unloaded.some(([from, to]) => from <= offset && offset <= to), () => `event ${offset} is open and not loaded at once`);
  }
  for (const [index, { from, to }] of gaps.entries()) {
    must(from <= to && from > (gaps[index - 1]?.to ?? 0) && to <= cursor, () => `gap ${from} to ${to} is out of order`);
    must(!items.some(({ offset }) => from <= offset && offset <= to), () => `gap ${from} to ${to} has an event in memory`);
    must(!unloaded.some(([first, last]) => first <= to && last >= from), () => `gap ${from} to ${to} is told and not loaded at once`);
  }
  const found: Record<string, number> = {};
  for (const { state } of [...items, ...redrives.values()]) found[state] = (found[state] ?? 0) + 1;
  for (const state of ["waiting", "held", "answered", "saving", "resting", "stuck", "burying"] as const) {
    const number = found[state] ?? 0;
    must(counts[state] === number, () => `${number} events are ${state}, ${counts[state]} are counted`);
  }
}

function checkLane(state: State, lane: Lane): void {
  const { items, head, next, holder, parked } = lane;
  must(head <= next && next <= items.length, () => `key ${lane.key} has bounds ${head}, ${next}, ${items.length}`);
  must((holder !== null) === next > head, () => `key ${lane.key} has a holder without events in hand, or the other way round`);
  let last = 0;
  for (const [index, item] of items.entries()) {
    if (index < head) continue;
    must(item.offset > last, () => `key ${lane.key} is out of order at ${item.offset}`);
    last = item.offset;
    const isInHand = item.state === "held" || item.state === "answered";
    must(isInHand === index < next, () => `event ${item.offset} of key ${lane.key} is ${item.state} at ${index} of ${head}, ${next}`);
    must((item.batch?.consumer ?? null) === (isInHand ? holder : null), () => `event ${item.offset} has another holder than its key`);
    must(item.state !== "answered" || index > head, () => `event ${item.offset} was acked, and it is its turn`);
  }
  if (parked === null) return;
  must(parked.first > last, () => `key ${lane.key} has parked ${parked.first} before ${last} in memory`);
  must(state.parked.get(lane.key) === lane && state.window.lanes.get(lane.key) === lane, () => `parked key ${lane.key} is not listed`);
  must(
    parked.firsts.every((first, index) => first > (parked.firsts[index - 1] ?? 0)),
    () => `the chunks of key ${lane.key} are out of order`,
  );
}

function checkConsumers(state: State): void {
  must(state.ring.length === state.consumers.size, () => "consumers and their turns differ");
  for (const consumer of state.ring) {
    const held = new Set<Item>();
    for (const batch of consumer.batches) {
      const live = batch.items.filter((item) => item.batch === batch);
      must(live.length === batch.live, () => `a batch of consumer ${consumer.id} counts ${batch.live} of ${live.length}`);
      for (const item of live) held.add(item);
    }
    must(held.size === consumer.events, () => `consumer ${consumer.id} holds ${held.size} events and counts ${consumer.events}`);
    const bytes = [...held].reduce((sum, item) => sum + item.bytes, 0);
    must(bytes === consumer.bytes, () => `consumer ${consumer.id} holds ${bytes} bytes and counts ${consumer.bytes}`);
    if (consumer.alone !== null)
      must(held.size === 1 && held.has(consumer.alone), () => `consumer ${consumer.id} has more in hand than what it has alone`);
    if (consumer.mode === "plain")
      must(new Set([...held].map(({ lane }) => lane)).size === held.size, () => `plain consumer ${consumer.id} has two events of a key`);
  }
}

function checkQueued(state: State, lanes: ReadonlySet<Lane>): void {
  const ready = new Set(state.ready.toArray());
  const suspects = new Set(state.suspects.toArray());
  const awaited = new Set(state.log.awaited);
  const timers = state.timers.toArray();
  const timed = new Set(timers.flatMap((timer) => ("token" in timer ? [timer.item] : [])));
  const asked = new Set(timers.flatMap((timer) => ("round" in timer && timer.round === timer.item.rounds ? [timer.item] : [])));
  for (const lane of lanes) {
    const place = placeOf(lane);
    must(place === "none" || lane.queued === place, () => `key ${lane.key} belongs in ${place} and is in ${lane.queued}`);
    if (place === "ready") must(ready.has(lane), () => `key ${lane.key} is not among the ready ones`);
    if (place === "suspect") must(suspects.has(lane), () => `key ${lane.key} is not among the suspects`);
    if (place === "holder") must(lane.holder?.lanes.toArray().includes(lane) === true, () => `key ${lane.key} is not with its holder`);
    for (const item of lane.items.slice(lane.head)) {
      if (item.state === "saving" || item.state === "burying")
        must(awaited.has(item), () => `event ${item.offset} is ${item.state} and waits for no commit`);
      if (item.state === "resting") must(timed.has(item), () => `event ${item.offset} rests and has no timer`);
      const isPassed = item.passed !== null && [...item.passed.values()].some((untilMs) => untilMs > state.nowMs);
      must(!isPassed || asked.has(item), () => `event ${item.offset} was passed and has no timer`);
    }
  }
  const { parked } = state;
  for (const lane of parked.values()) must(lane.parked !== null, () => `key ${lane.key} is listed as parked and is not`);
}
