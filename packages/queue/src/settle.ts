/** What a consumer says of its deliveries, in the order of the message's fields [S2]. */
import { handBack, passOn } from "./ends.ts";
import { confirm, confirmBefore } from "./gaps.ts";
import { settleAcked } from "./lanes.ts";
import { batchFrom, tellLost } from "./leases.ts";
import { type Consumer, firstOf, type Item, isInHand, none } from "./model.ts";
import { fail } from "./outcome.ts";
import { isPool, move, type State } from "./state.ts";
import type { EngineInput } from "./types.ts";

type SettleMessage = Extract<EngineInput, { type: "settle" }>["settle"];
type TokenRange = readonly [number, number];

export function settle(state: State, consumer: Consumer, message: SettleMessage): void {
  // Nearly all fields are not said. Those are not walked: V8 makes an iterator for each walk of lists of several kinds, and that of nothing is one.
  const { acks, nacks, rejects, extends: extended, withdraws, started, gaps } = message;
  if (gaps !== undefined) for (const range of gaps) confirm(state, range);
  if (message.epoch !== state.options.epoch) {
    tellForeign(state, consumer, message);
    return;
  }
  if (acks !== undefined) for (const range of acks) eachHeld(state, consumer, range, ack, lateAcks);
  if (nacks !== undefined)
    for (const { token, delayMs, reason } of nacks)
      refuse(state, consumer, token, { reason: reason ?? "", delayMs: delayMs ?? null, isFinal: false });
  if (rejects !== undefined)
    for (const { token, reason } of rejects) refuse(state, consumer, token, { reason: reason ?? "rejected", delayMs: null, isFinal: true });
  if (extended !== undefined) for (const range of extended) eachHeld(state, consumer, range, extend, lose);
  if (withdraws !== undefined && withdraws.length > 0) withdraw(state, consumer, withdraws);
  if (started !== undefined) for (const range of started) eachHeld(state, consumer, range, markStarted, lose);
}

/** Its tokens are of an engine before this one: they name nothing here. */
function tellForeign(state: State, consumer: Consumer, message: SettleMessage): void {
  const { epoch, acks = none, extends: extended = none, started = none, nacks = none, rejects = none } = message;
  const tokens = [...acks, ...extended, ...started, ...[...nacks, ...rejects].map(({ token }): TokenRange => [token, token])];
  if (tokens.length > 0) state.out.push({ type: "lost", consumer: consumer.id, epoch, tokens });
}

/** From the last to the first: so each is handed back by its own name, not with an earlier one of its key. */
function withdraw(state: State, consumer: Consumer, ranges: readonly TokenRange[]): void {
  for (const range of ranges.toReversed()) {
    const items: Item[] = [];
    eachHeld(state, consumer, range, (_state, _consumer, item) => items.push(item), ignore);
    for (const item of items.toReversed()) isPool(state) ? passOn(state, item, consumer, { isTold: false }) : handBack(state, item);
  }
}

type OnItem = (state: State, consumer: Consumer, item: Item) => void;
type OnOthers = (state: State, consumer: Consumer, from: number, to: number) => void;

/** Walks the batches, not the numbers: a range of any length costs what is known of it [T7]. */
function eachHeld(state: State, consumer: Consumer, [from, to]: TokenRange, onItem: OnItem, onOthers: OnOthers): void {
  let token = from;
  while (token <= to) {
    const batch = batchFrom(consumer, token);
    if (batch === undefined || batch.first > to) {
      onOthers(state, consumer, token, to);
      return;
    }
    if (token < batch.first) onOthers(state, consumer, token, batch.first - 1);
    token = Math.max(token, batch.first);
    const { items, first } = batch;
    const end = Math.min(to, first + items.length - 1);
    for (; token <= end; token++) {
      const item = items[token - first];
      if (item !== undefined && item.batch === batch) onItem(state, consumer, item);
      else onOthers(state, consumer, token, token);
    }
  }
}

function ack(state: State, consumer: Consumer, item: Item): void {
  confirmBefore(state, item.token);
  if (isPool(state)) passOn(state, item, consumer, { isTold: false });
  else if (firstOf(item.lane) === item) settleAcked(state, item.lane, consumer);
  else if (item.state === "held") move(state, item, "hold");
}

function extend(state: State, _consumer: Consumer, item: Item): void {
  item.leaseUntilMs = state.nowMs + state.options.leaseMs;
}

function markStarted(_state: State, _consumer: Consumer, item: Item): void {
  item.started = true;
}

function ignore(): void {}

function refuse(
  state: State,
  consumer: Consumer,
  token: number,
  answer: { reason: string; delayMs: number | null; isFinal: boolean },
): void {
  const batch = batchFrom(consumer, token);
  const item = batch !== undefined && token >= batch.first ? batch.items[token - batch.first] : undefined;
  if (item === undefined || item.batch !== batch || item.state !== "held") lose(state, consumer, token, token);
  else if (isPool(state)) passOn(state, item, consumer, { isTold: false });
  else fail(state, item, { kind: "failed", by: consumer.by, consumer: consumer.id, isExpired: false, ...answer });
}

const lose = tellLost;

/** Acks of tokens that are not leases of this consumer (any more): some may still count, the rest is lost. */
function lateAcks(state: State, consumer: Consumer, from: number, to: number): void {
  const known =
    to - from < state.ended.size
      ? countUp(from, to)
      : [...state.ended.keys()].filter((token) => token >= from && token <= to).sort((a, b) => a - b);
  let lostFrom = from;
  for (const token of known) {
    if (!lateAck(state, consumer, token)) continue;
    if (token > lostFrom) lose(state, consumer, lostFrom, token - 1);
    lostFrom = token + 1;
  }
  if (lostFrom <= to) lose(state, consumer, lostFrom, to);
}

const countUp = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** [T3] [T6] */
function lateAck(state: State, consumer: Consumer, token: number): boolean {
  const ended = state.ended.get(token);
  if (ended === undefined) return false;
  const { item, instance } = ended;
  if (ended.consumer !== consumer.id && (instance === "" || instance !== consumer.instance)) return false;
  if (item.state === "done" || item.state === "burying" || firstOf(item.lane) !== item) return false;
  if (item.redrive === 0 && !item.inWindow) return false;
  if (isInHand(item.lane)) {
    // It was offered again, to the same consumer: one handler was enough for both.
    if (item.batch?.consumer !== consumer) return false;
  }
  state.ended.delete(token);
  confirmBefore(state, token);
  settleAcked(state, item.lane, consumer);
  return true;
}
