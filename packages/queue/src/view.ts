import { isDelayed } from "./model.ts";
import type { State } from "./state.ts";
import type { EngineView } from "./types.ts";

export function view(state: State): EngineView {
  const { window, counts, unloaded, gaps, cursor, head, parkedCount } = state;
  const notLoaded = unloaded.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  const notConfirmed = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const delayed = counts.resting === 0 ? 0 : window.items().filter(isDelayed).length;
  return {
    floor: floorOf(state),
    cursor,
    head,
    pending: window.events + notLoaded + notConfirmed + parkedCount + (head - cursor),
    inHand: counts.held + counts.answered,
    waitingRetry: counts.resting + counts.saving - delayed,
    delayed: delayed + parkedDelays(state),
    stuckKeys: stuckKeysOf(state),
    parkedKeys: state.parked.size,
    deadCount: state.deadCount - buryingOf(state),
    redrives: [...state.redrives.keys()],
    consumers: state.ring.length,
    paused: state.paused,
    windowEvents: window.events,
    windowBytes: window.bytes,
  };
}

/** [B1] An event is stuck when that is stored: who looks, then retries or skips it, asks the storage. */
function stuckKeysOf({ attempts, window, counts }: State): string[] {
  const stuck = [...attempts.values()].filter((attempt) => attempt.stuck);
  if (stuck.length === 0 || counts.saving === 0) return stuck.map(({ key }) => key);
  const saving = new Set(window.items().flatMap((item) => (item.state === "saving" && item.attempt !== null ? [item.attempt] : [])));
  return stuck.filter((attempt) => !saving.has(attempt)).map(({ key }) => key);
}

/** [B2] The same for a dead letter: it is counted when it can be listed. A redrive's is there already. */
const buryingOf = ({ counts, window }: State): number =>
  counts.burying === 0 ? 0 : window.items().filter(({ state, redrive }) => state === "burying" && redrive === 0).length;

const parkedDelays = ({ parked }: State): number => [...parked.values()].filter((lane) => lane.parked?.isDelayed === true).length;

/** All at and below it is settled. */
function floorOf({ window, unloaded, gaps, parked, cursor }: State): number {
  let first = cursor + 1;
  const [item] = window.items();
  if (item !== undefined) first = Math.min(first, item.offset);
  const [range] = unloaded;
  if (range !== undefined) first = Math.min(first, range[0]);
  const [gap] = gaps;
  if (gap !== undefined) first = Math.min(first, gap.from);
  for (const lane of parked.values()) if (lane.parked !== null) first = Math.min(first, lane.parked.first);
  return first - 1;
}
