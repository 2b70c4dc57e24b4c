/**
 * Makes a data folder whose queue `store/acme` has 100 events, the first 48 of them trimmed: as a hub leaves it after months, made in a second.
 * For tests that start a hub on it: `node trimmed-folder.ts FOLDER`.
 */
import { toJsonBytes } from "@waybill/events";
import { openSqliteStorage } from "@waybill/storage";

const [path = ""] = process.argv.slice(2);
const storage = await openSqliteStorage({ path, ballastBytes: 0, segmentEvents: 16 });
const key = { tenant: "default", queue: "store/acme", group: "main" };
await storage.addNames("default", "store", ["acme"]);
const startMs = Date.parse("2026-05-01T10:00:00Z");
for (let n = 1; n <= 100; n++) {
  const event = { id: `e${n}`, type: "in-transit", parcel: `p${n % 7}`, store: "acme", at: "2026-05-01T10:00:00Z", data: {} };
  const { id, type, parcel } = event;
  const item = {
    tenant: "default",
    from: { kind: "hub" },
    number: 0,
    home: key.queue,
    id,
    type,
    parcel,
    body: toJsonBytes(event),
    copies: [],
  } as const;
  await storage.commit({ nowMs: startMs + n * 1_000, items: [item], progress: [] });
}
const progress = { generation: 1, cursor: 60, open: [], offeredTo: 60, ackedTo: 60, paused: false };
const nothing = { put: [], remove: [] };
const write = { progress, attempts: nothing, parked: nothing, dead: nothing };
await storage.commit({ nowMs: startMs + 200_000, items: [], progress: [{ key, epoch: storage.info.epoch, write }] });
await storage.trim({ beforeMs: Number.MAX_SAFE_INTEGER, queueEventsMax: 0 });
const { firstKept } = await storage.read("default", key.queue, 1, { eventsMax: 1, bytesMax: 1 });
await storage.close();
process.stdout.write(`${JSON.stringify({ firstKept })}\n`);
