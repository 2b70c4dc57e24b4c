import { openMemoryStorage } from "@waybill/storage";
import { expect, test } from "vitest";
import { itemByHub } from "../../test/item-by-hub.ts";
import { createRowReader } from "./row-reader.ts";

const tenant = "default";
const queue = "store/acme";
const main = { tenant, queue, group: "main" };
const tail = { tenant, queue, group: "tail" };
const unchanged = { attempts: { put: [], remove: [] }, parked: { put: [], remove: [] }, dead: { put: [], remove: [] } };

const event = (id: string) => itemByHub(id, { type: "delivered", parcel: "p1" });

test("a parked event that was trimmed meanwhile is told as missing, not passed over", async () => {
  const storage = await openMemoryStorage();
  const { epoch } = storage.info;
  await storage.createSubscription(tail, { start: "start", types: null, policy: "block" });
  const settled = { generation: 1, cursor: 3, open: [], offeredTo: 3, ackedTo: 3, paused: false };
  const parked = { put: [{ key: "p1", first: 1, offsets: [1, 2, 3] }], remove: [] };
  await storage.commit({ nowMs: 1, items: [event("a"), event("b"), event("c")], progress: [] });
  await storage.commit({
    nowMs: 2,
    items: [],
    progress: [
      { key: main, epoch, write: { progress: settled, ...unchanged } },
      { key: tail, epoch, write: { progress: settled, ...unchanged, parked } },
    ],
  });
  await storage.trim({ beforeMs: 0, queueEventsMax: 1 });
  const loaded = await createRowReader(storage).readParked(tail, "p1", 1);
  expect(loaded).toMatchObject({ type: "loaded-parked", first: 1, entries: [{ offset: 3 }], missing: [1, 2], next: 0 });
});
