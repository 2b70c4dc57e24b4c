/** A pool's event that consumers passed [K2]: who is asked next, and when again. */
import { backoffMs } from "./attempts.ts";
import type { Consumer, Item } from "./model.ts";
import { rest } from "./outcome.ts";
import type { State } from "./state.ts";

/** It is waiting again by now, and not among those that may be offered yet. */
export function passed(state: State, item: Item, consumer: Consumer): void {
  item.passed ??= new Map();
  const isFirst = nextAskMs(state, item) === Number.POSITIVE_INFINITY;
  item.passed.set(consumer.id, state.nowMs + state.options.backoffMaxMs);
  restIfAllPassed(state, item);
  if (isFirst) askAgainLater(state, item);
}

/** A consumer left: it may have been the last one to be asked. */
export function oneLess(state: State): void {
  if (state.ring.length === 0) return;
  for (const item of state.window.items()) if (item.state === "waiting") restIfAllPassed(state, item);
}

/** Others may have their hands full for ever: nothing else need happen to the pool by then. One timer for each event; the next when it has come. */
export function askAgainLater(state: State, item: Item): void {
  const atMs = nextAskMs(state, item);
  if (atMs < Number.POSITIVE_INFINITY) state.timers.push({ atMs, item, round: item.rounds });
}

/** When the first of those who passed may be asked again. */
function nextAskMs({ nowMs }: State, item: Item): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const untilMs of item.passed?.values() ?? []) if (untilMs > nowMs && untilMs < nextMs) nextMs = untilMs;
  return nextMs;
}

function restIfAllPassed(state: State, item: Item): void {
  const { passed: by } = item;
  if (by === null || state.ring.some(({ id }) => (by.get(id) ?? 0) <= state.nowMs)) return;
  item.passed = null;
  item.rounds += 1;
  rest(state, item, state.nowMs + backoffMs(state.options, item.rounds, state.chance, item.offset));
}
