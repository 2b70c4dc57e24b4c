/** The hub is about to leave [L*]. */
import { letGo } from "./ends.ts";
import { isPool, type State } from "./state.ts";

/** [L1] [L2] */
export function drain(state: State): void {
  state.isDraining = true;
}

/** [L3] [L4] */
export function handAllBack(state: State): void {
  if (!state.isDraining) throw new Error("Broken invariant: only a draining engine hands all back.");
  for (const consumer of state.ring) letGo(state, consumer, { how: "withdraw", tell: true });
  const offeredTo = isPool(state) ? 0 : lastSuspect(state);
  if (offeredTo === state.offeredTo) return;
  state.offeredTo = offeredTo;
  state.log.touch();
}

/** An event that was in hand when something died, and was not offered alone since. */
function lastSuspect(state: State): number {
  let last = Math.min(state.suspectTo, state.unloaded.at(-1)?.[1] ?? 0);
  for (const { suspect, offset } of state.window.items()) if (suspect && offset > last) last = offset;
  return last;
}
