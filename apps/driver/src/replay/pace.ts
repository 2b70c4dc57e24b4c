import { setTimeout as delay } from "node:timers/promises";
import type { TimedEvent } from "./parcel-row.ts";

export type PaceOptions = {
  /** How many times faster than it happened; `max`: as fast as the hub confirms. */
  speed: number | "max";
  signal: AbortSignal;
  /** Monotonic, in ms. */
  now?(): number;
  sleep?(ms: number, signal: AbortSignal): Promise<void>;
};

/** A Node timer above 24.8 days fires at once; real files have such gaps. */
const DAY_MS = 86_400_000;
const sleepFor = (ms: number, signal: AbortSignal): Promise<void> => delay(ms, undefined, { signal }).catch(() => undefined);

/** Lets each event through when its time has come. Ends when the signal fires. */
export async function* pace(events: AsyncIterable<TimedEvent>, options: PaceOptions): AsyncGenerator<TimedEvent> {
  const { speed, signal, now = () => performance.now(), sleep = sleepFor } = options;
  let begun: { eventMs: number; nowMs: number } | null = null;
  for await (const event of events) {
    begun ??= { eventMs: event.ms, nowMs: now() };
    const dueMs = speed === "max" ? Number.NEGATIVE_INFINITY : begun.nowMs + (event.ms - begun.eventMs) / speed;
    for (let waitMs = dueMs - now(); waitMs > 0 && !signal.aborted; waitMs = dueMs - now()) await sleep(Math.min(waitMs, DAY_MS), signal);
    if (signal.aborted) return;
    yield event;
  }
}
