/** What a hub has that no consumer settled: judged when the consumers have gone. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Admin, createAdmin } from "@waybill/client";
import { MAIN_GROUP } from "@waybill/events";
import type { RunningHub } from "@waybill/testkit";

/** A consumer's last words are taken when it is answered, and stored behind that: a hub has no event for it. */
const STORED_WITHIN_MS = 30_000;
const LOOK_MS = 50;

/**
 * Nothing, when group main of all queues has as many unsettled events as it should. Asked of the engines, not of /metrics, whose
 * gauges are a measurement from some seconds ago: one from before the consumers' last words told of events that were settled by then.
 */
export async function unsettledFaults(hub: RunningHub, wanted = 0): Promise<string[]> {
  await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin", sub: "bench" }) });
  for (const sinceMs = performance.now(); ; await sleep(LOOK_MS)) {
    const pending = await pendingOf(admin);
    if (pending === wanted) return [];
    if (performance.now() - sinceMs > STORED_WITHIN_MS) return [`${pending} events are not settled, and ${wanted} were to be`];
  }
}

async function pendingOf(admin: Admin): Promise<number> {
  let pending = 0;
  for await (const summary of admin.subscriptions()) if (summary.group === MAIN_GROUP) pending += summary.pending;
  return pending;
}
