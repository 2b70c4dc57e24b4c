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
    stuckKeys: [...state.attempts.values()].filter(({ stuck }) => stuck).map(({ key }) => key),
    parkedKeys: state.parked.size,
    deadCount: state.deadCount,
    redrives: [...state.redrives.keys()],
    consumers: state.ring.length,
    paused: state.paused,
    windowEvents: window.events,
    windowBytes: window.bytes,
  };
}

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
