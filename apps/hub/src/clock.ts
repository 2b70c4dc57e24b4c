import type { HubClock } from "./hub-parts.ts";

/** Hub time: goes on from `startMs` by a monotonic clock; the wall clock may jump as it likes. */
export function createHubClock(startMs: number, monotonicMs: () => number = () => performance.now()): HubClock {
  const bornMs = monotonicMs();
  return { nowMs: () => Math.floor(startMs + (monotonicMs() - bornMs)) };
}
