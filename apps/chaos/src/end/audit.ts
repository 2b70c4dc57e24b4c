/** Reads every queue of the hub from its first event, as a group of its own: what is stored, by the public wire. */
import { setTimeout as sleep } from "node:timers/promises";
import { createVendor } from "@waybill/client";
import type { StoredEvent } from "../checker/owed.ts";
import { fingerprint } from "../workers/fingerprint.ts";

const LOOK_MS = 100;
/** Nothing more has come for so long: that was all. */
const QUIET_MS = 2_000;

export async function audit({ url, token, stores }: { url: string; token: string; stores: readonly string[] }): Promise<StoredEvent[]> {
  const vendor = createVendor({ url, token });
  const events: StoredEvent[] = [];
  let lastAt = performance.now();
  vendor.onOther((event, { queue, offset }) => {
    events.push({ store: queue.slice("store/".length), offset, id: event.id, print: fingerprint(event) });
    lastAt = performance.now();
  });
  await vendor.start({ queues: stores.map((store) => `store/${store}`), group: "audit", from: "start", concurrency: 256 });
  while (performance.now() - lastAt < QUIET_MS) await sleep(LOOK_MS);
  await vendor.close({ drainMs: 0 });
  return events;
}
