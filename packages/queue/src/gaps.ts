/**
 * Gaps: history that was trimmed before it was read [G*]. A gap that was told is passed over by the cursor and stays open, in memory
 * and in what is written, until a consumer has confirmed that it knows of it. After a restart it is read as what it is, open and
 * trimmed, and told again.
 */
import type { Consumer } from "./model.ts";
import { noteSettled, type State } from "./state.ts";
import type { OffsetRange } from "./types.ts";

/** Told and not confirmed. `afterToken`: the last token that was given when it was told. */
export type Gap = { from: number; to: number; afterToken: number };

/** Ranges of one subscription that wait to be confirmed [G5]. */
export const GAPS_MAX = 1_024;

/** To all consumers. */
export function tellGap(state: State, from: number, to: number): void {
  state.out.push({ type: "gap", from, to });
  forgetAttempts(state, from, to);
  const at = state.gaps.findIndex((gap) => gap.from > from);
  state.gaps.splice(at === -1 ? state.gaps.length : at, 0, { from, to, afterToken: state.lastToken });
  if (state.gaps.length > GAPS_MAX) forgetSome(state);
  state.log.touch();
}

/** To one that has just subscribed, before it is offered anything. */
export function tellGapsTo(state: State, { id }: Consumer): void {
  for (const { from, to } of state.gaps) state.out.push({ type: "gap", from, to, consumer: id });
}

/** A consumer acked an event: whatever it was told before that was offered has arrived as well [G3]. */
export function confirmBefore(state: State, token: number): void {
  if (state.gaps.length === 0) return;
  for (const { from, to, afterToken } of state.gaps) if (afterToken < token) confirm(state, [from, to]);
}

/** A consumer names what it knows: of gaps that were told, that part is settled. */
export function confirm(state: State, [from, to]: OffsetRange): void {
  const left: Gap[] = [];
  let count = 0;
  for (const gap of state.gaps) {
    const [first, last] = [Math.max(gap.from, from), Math.min(gap.to, to)];
    if (first > last) {
      left.push(gap);
      continue;
    }
    count += last - first + 1;
    if (gap.from < first) left.push({ ...gap, to: first - 1 });
    if (gap.to > last) left.push({ ...gap, from: last + 1 });
  }
  if (count === 0) return;
  state.gaps = left;
  noteSettled(state, "gap", null, count);
  state.log.touch();
}

/** Trimmed and not confirmed, ascending: told already, or not read yet. Looks only. */
export function gapsBefore({ gaps, unloaded, cursor }: State, firstKept: number): OffsetRange[] {
  const unread: OffsetRange[] = [...unloaded, [cursor + 1, firstKept - 1]];
  const trimmed = unread.map(([from, to]): OffsetRange => [from, Math.min(to, firstKept - 1)]).filter(([from, to]) => from <= to);
  return [...gaps.map(({ from, to }): OffsetRange => [from, to]), ...trimmed].sort(([a], [b]) => a - b);
}

function forgetAttempts(state: State, from: number, to: number): void {
  for (const offset of state.attempts.size > 0 ? state.attempts.keys() : []) {
    if (offset < from || offset > to || state.attempts.get(offset)?.redrive !== 0) continue;
    state.skipKeys.delete(state.attempts.get(offset)?.key ?? "");
    state.attempts.delete(offset);
    state.log.removeRow(offset);
  }
}

/** Neighbours become one; if that is not enough, the earliest count as known. They were told once. */
function forgetSome(state: State): void {
  const joined: Gap[] = [];
  for (const gap of state.gaps) {
    const before = joined.at(-1);
    if (before?.to !== gap.from - 1) joined.push({ ...gap });
    else Object.assign(before, { to: gap.to, afterToken: Math.max(before.afterToken, gap.afterToken) });
  }
  state.gaps = joined;
  const [last] = joined.slice(0, Math.max(0, joined.length - GAPS_MAX)).slice(-1);
  if (last !== undefined) confirm(state, [1, last.to]);
}
