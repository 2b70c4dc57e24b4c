/** Reads every queue of the hub from its first event, as a group of its own: what is stored, by the public wire. */
import { setTimeout as sleep } from "node:timers/promises";
import { createVendor } from "@waybill/client";
import type { StoredEvent } from "../checker/owed.ts";
import { fingerprint } from "../workers/fingerprint.ts";

const LOOK_MS = 100;
export type AuditOptions = {
  url: string;
  token: string;
  /** Of each store's queue, the last offset. */
  heads: ReadonlyMap<string, number>;
  /** Nothing more has come for so long, though the hub told of more: the rest is gone, and the checker will say so. */
  quietMs: number;
};

export async function audit({ url, token, heads, quietMs }: AuditOptions): Promise<StoredEvent[]> {
  const vendor = createVendor({ url, token });
  const events: StoredEvent[] = [];
  const left = new Map(heads);
  let lastAt = performance.now();
  vendor.onOther((event, { queue, offset }) => {
    const store = queue.slice("store/".length);
    events.push({ store, offset, id: event.id, print: fingerprint(event) });
    left.set(store, (left.get(store) ?? 0) - 1);
    lastAt = performance.now();
  });
  const queues = [...heads].flatMap(([store, head]) => (head > 0 ? [`store/${store}`] : []));
  if (queues.length === 0) return events;
  await vendor.start({ queues, group: "audit", from: "start", concurrency: 256 });
  const isLeft = () => [...left.values()].some((count) => count > 0);
  while (isLeft() && performance.now() - lastAt < quietMs) await sleep(LOOK_MS);
  await vendor.close({ drainMs: 0 });
  return events;
}
