import { setTimeout as sleep } from "node:timers/promises";
import type { Crew } from "../crew/crew.ts";

const LOOK_MS = 250;
const signsOfLife = ["waybill_pending", "waybill_stuck", "waybill_delivered_total", "waybill_settled_total", "waybill_stored_total"];

export type Drained = {
  /** So long it took. `null`: it did not drain in time. */
  ms: number | null;
  /** Clients that will never come back by themselves. */
  inactive: readonly string[];
  /** Events in outboxes. */
  pending: number;
};

export type DrainOptions = {
  /** So long it may take, besides what its backlog takes at the pace of the run. */
  drainMs: number;
  quietMs: number;
  /** The pace of the run, at which a backlog has time to drain. `null`: it gets none. */
  perSecond: number | null;
};

/**
 * Producers have stopped, everything is healed: waits until outboxes are empty and nothing moves any more at the hub, for
 * longer than any lease or back-off, while all clients are connected. What is left then is stuck, or forgotten; the checker tells which.
 */
export async function awaitDrain({ hub, workers }: Crew, { drainMs, quietMs, perSecond }: DrainOptions): Promise<Drained> {
  let allowedMs = drainMs + quietMs;
  let isBacklogKnown = false;
  const startedMs = performance.now();
  let last = "";
  let lastMs = startedMs;
  const inactive = () => workers.filter(({ counts }) => !counts.active).map(({ name }) => name);
  const pending = () => workers.reduce((sum, { counts }) => sum + counts.pending, 0);
  // A process that starts again, as an event of its own may want it, has its share of the backlog still before it.
  const isComplete = () => workers.every(({ counts }) => counts.connected);
  for (;;) {
    await sleep(LOOK_MS);
    const nowMs = performance.now();
    const metrics = await hub.metrics();
    if (metrics && !isBacklogKnown && perSecond !== null) {
      isBacklogKnown = true;
      allowedMs += (((metrics.get("waybill_pending") ?? 0) + pending()) / perSecond) * 1_000;
    }
    const seen = metrics && pending() === 0 && isComplete() ? JSON.stringify(signsOfLife.map((name) => metrics.get(name) ?? 0)) : "";
    if (seen === "" || seen !== last) lastMs = nowMs;
    last = seen;
    if (nowMs - lastMs >= quietMs) return { ms: Math.round(lastMs - startedMs), inactive: inactive(), pending: 0 };
    if (nowMs - startedMs > allowedMs) return { ms: null, inactive: inactive(), pending: pending() };
  }
}
