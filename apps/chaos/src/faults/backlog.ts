import { setTimeout as sleep } from "node:timers/promises";
import type { Crew } from "../crew/crew.ts";
import type { Backlog } from "../plan/backlogs.ts";

const LOOK_MS = 500;

/** All vendors with the SDK are killed and stay away, while drivers publish on; then all of them come at once. Resolves with the largest backlog that was seen. */
export async function growBacklogs({ hub, workers }: Crew, backlogs: readonly Backlog[], signal: AbortSignal): Promise<number> {
  const startedMs = performance.now();
  const vendors = workers.filter(({ kind }) => kind === "vendor");
  let largest = 0;
  for (const { atMs, lastsMs } of backlogs) {
    await sleep(Math.max(0, atMs - (performance.now() - startedMs)), undefined, { signal });
    await Promise.all(vendors.map((vendor) => vendor.leave()));
    for (const backMs = performance.now() + lastsMs; performance.now() < backMs; await sleep(LOOK_MS, undefined, { signal })) {
      const metrics = await hub.metrics(); // The hub may be away too, just then.
      largest = Math.max(largest, metrics?.get("waybill_pending") ?? 0);
    }
    for (const vendor of vendors) vendor.comeBack();
  }
  return largest;
}
