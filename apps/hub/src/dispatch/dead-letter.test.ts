import { type ParcelEvent, toJsonBytes } from "@waybill/events";
import type { ProgressWrite } from "@waybill/queue";
import { type AppendItem, openMemoryStorage, type Storage } from "@waybill/storage";
import { beforeEach, expect, test } from "vitest";
import { itemByHub } from "../../test/item-by-hub.ts";
import { letterAt, redrivesOf, withBodies } from "./dead-letter.ts";
import type { EventRef } from "./entry.ts";

const key = { tenant: "default", queue: "store/acme", group: "audit" };
const main = { ...key, group: "main" };
const event: ParcelEvent = { id: "e1", type: "pickup", parcel: "p1", store: "acme", at: "2026-11-21T10:00:00.000+00:00", data: {} };
const body = toJsonBytes(event);
const none = { put: [], remove: [] };
const progress = { generation: 1, cursor: 1, open: [], offeredTo: 1, ackedTo: 0, paused: false };
const ref: EventRef = { id: "e1", homeOffset: 0, body };
const notes = [{ atMs: 5, kind: "failed", by: "vendor acme", reason: "no" }] as const;
const write: ProgressWrite = {
  progress,
  attempts: none,
  parked: none,
  dead: { put: [{ offset: 1, key: "p1", type: "pickup", buriedAtMs: 7, redrive: 0, notes, ref }], remove: [] },
};

let storage: Storage;
const commit = (items: AppendItem[], ...writes: [typeof key, ProgressWrite][]) =>
  storage.commit({
    nowMs: 1_000,
    items,
    progress: writes.map(([one, change]) => ({ key: one, epoch: storage.info.epoch, write: change })),
  });

beforeEach(async () => {
  storage = await openMemoryStorage();
  await storage.createSubscription(key, { start: "start", types: null, policy: "skip" });
  await commit([itemByHub("e1", { parcel: "p1", body })]);
});
/** `main` has settled it, and retention is over. */
const trim = async () => {
  await commit([], [main, { ...write, dead: none }]);
  expect(await storage.trim({ beforeMs: 2_000, queueEventsMax: 0 })).toEqual({ events: 1 });
};

test("a letter that is buried when its queue's history is gone keeps its event, and can be sent again", async () => {
  await trim();
  await commit([], [key, withBodies(write)]);
  const letter = await letterAt(storage, key, 1);
  if (!letter) throw new Error("The letter is stored.");
  expect(letter.body).toEqual(body);
  expect(await redrivesOf(storage, key, [{ letter, redrive: 1 }])).toEqual([
    {
      type: "redrive",
      entry: { offset: 1, key: "p1", type: "pickup", bytes: body.length, recordedAtMs: Date.parse(event.at), ref },
      redrive: 1,
      notes,
    },
  ]);
});

test("while the history is there, a redrive is what was stored", async () => {
  await commit([], [key, withBodies(write)]);
  const letter = await letterAt(storage, key, 1);
  if (!letter) throw new Error("The letter is stored.");
  expect(await redrivesOf(storage, key, [{ letter, redrive: 2 }])).toMatchObject([{ redrive: 2, entry: { recordedAtMs: 1_000, ref } }]);
});

test("an offset without a letter has none, also when a later one exists", async () => {
  await commit([], [key, withBodies({ ...write, dead: { ...write.dead, put: write.dead.put.map((one) => ({ ...one, offset: 3 })) } })]);
  expect(await letterAt(storage, key, 2)).toBeNull();
  expect(await letterAt(storage, key, 3)).toMatchObject({ offset: 3 });
});

test("a write without letters is passed on as it is", () => {
  const plain = { ...write, dead: none };
  expect(withBodies(plain)).toBe(plain);
});
