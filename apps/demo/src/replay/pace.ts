import { setTimeout as sleep } from "node:timers/promises";
import type { Pacing } from "./worker-config.ts";

/** Resolves when the day's clock has reached the time. */
export type Pace = (at: string) => Promise<void>;

/** A Node timer above 24.8 days fires at once; real files have such gaps. */
const SLEEP_MS_MAX = 86_400_000;

const wall = { now: Date.now, sleep: (ms: number) => sleep(ms) };

/** The wall's time, so that a worker that was killed goes on with the day where the others are. */
export function createPace(pacing: Pacing, clock: { now(): number; sleep(ms: number): Promise<unknown> } = wall): Pace {
  if (pacing === null) return () => Promise.resolve();
  const { speed, startedAtMs, dayStartMs } = pacing;
  return async (at) => {
    const dueMs = startedAtMs + (Date.parse(at) - dayStartMs) / speed;
    for (let waitMs = dueMs - clock.now(); waitMs > 0; waitMs = dueMs - clock.now()) await clock.sleep(Math.min(waitMs, SLEEP_MS_MAX));
  };
}
