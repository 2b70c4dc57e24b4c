import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdmin, createDriver, createVendor, type Driver, fileOutbox, type Outbox } from "@waybill/client";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { connectPlain } from "../src/plain-client.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

const fast = { reconnectMs: 50, reconnectMsMax: 200 };

let hub: TestHub;
let folder: string;
/** A store of its own for each test. */
let store: string;
let queue: string;
let tests = 0;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub[Symbol.asyncDispose]());
beforeEach(() => {
  tests += 1;
  store = `acme-${tests}`;
  queue = `store/${store}`;
  folder = mkdtempSync(join(tmpdir(), "waybill-receipts-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const driverToken = (driver = "dana") => hub.token({ role: "driver", driver });
const vendorToken = () => hub.token({ role: "vendor", stores: [store] });
const connectDriver = (outbox?: Outbox): Driver =>
  createDriver({ url: hub.url, token: driverToken(), ...fast, ...(outbox ? { outbox } : {}) });
const scan = (id: string) => ({ type: "in-transit", store, parcel: id.split("-")[0] ?? "", id }) as const;

/** A store that holds each event until the test says what becomes of it. */
async function openShop() {
  const vendor = createVendor({ url: hub.url, token: vendorToken(), ...fast });
  const held = new Map<string, PromiseWithResolvers<"ack" | "reject">>();
  const of = (id: string) => {
    const known = held.get(id) ?? Promise.withResolvers<"ack" | "reject">();
    held.set(id, known);
    return known;
  };
  vendor.onOther(async (event, delivery) => {
    if ((await of(event.id).promise) === "reject") delivery.reject("no such street");
  });
  await vendor.start();
  return {
    decide: (id: string, what: "ack" | "reject") => of(id).resolve(what),
    [Symbol.asyncDispose]: async () => {
      for (const { resolve } of held.values()) resolve("ack");
      await vendor.close();
    },
  };
}

test("processed resolves when main has settled it, dead when it was buried, and not before", async () => {
  await using driver = connectDriver();
  await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
  const told: string[] = [];
  const publish = async (id: string) => {
    const { outcome } = await driver.publish(scan(id), { wait: "processed" });
    told.push(`${id} ${outcome}`);
  };
  const good = publish("p1-1");
  const bad = publish("p2-1");
  await driver.publish(scan("p3-1"));
  expect(told).toEqual([]);
  expect((await driver.receipts(queue, [1, 2, 3])).map(({ state }) => state)).toEqual(["pending", "pending", "pending"]);
  await using shop = await openShop();
  shop.decide("p1-1", "ack");
  await good;
  expect(told).toEqual(["p1-1 processed"]);
  expect(await admin.event(queue, 1)).toMatchObject({ receipt: "settled" });
  shop.decide("p2-1", "reject");
  while ((await driver.receipt({ queue, offset: 2 })).state !== "stuck") await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toHaveLength(1);
  await admin.skipKey({ queue }, "p2", "never existed");
  await bad;
  expect(told).toEqual(["p1-1 processed", "p2-1 dead"]);
});

test("who waits goes on waiting over a kill of the hub, and another process asks later with the same outbox", async () => {
  const outbox = join(folder, "dana.outbox");
  const driver = connectDriver(fileOutbox(outbox));
  const processed = driver.publish(scan("p1-1"), { wait: "processed" });
  const stored = await driver.publish(scan("p2-1"));
  await hub.killAndRestart();
  await using shop = await openShop();
  shop.decide("p1-1", "ack");
  expect(await processed).toEqual({ outcome: "processed", id: "p1-1", queue, offset: 1 });
  await driver.close();
  await hub.killAndRestart();
  shop.decide("p2-1", "ack");
  await using later = connectDriver(fileOutbox(outbox));
  if (!("offset" in stored)) throw new Error("it was stored");
  while ((await later.receipt(stored)).state !== "settled") await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await later.receipts(queue, [1, 2])).toEqual([
    { queue, offset: 1, state: "settled" },
    { queue, offset: 2, state: "settled" },
  ]);
});

test("late, it resolves with what is known; a signal stops the waiting only", async () => {
  await using driver = connectDriver();
  await driver.publish(scan("p0-1"));
  expect(await driver.publish(scan("p1-1"), { wait: "processed", withinMs: 2_000 })).toMatchObject({ outcome: "stored", offset: 2 });
  const stop = new AbortController();
  const processed = driver.publish(scan("p1-2"), { wait: "processed", signal: stop.signal });
  while (driver.outbox.pending > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  stop.abort();
  await expect(processed).rejects.toMatchObject({ code: "CANCELLED" });
  expect(await driver.receipt({ queue, offset: 3 })).toMatchObject({ state: "pending" });
  await expect(driver.receipt({ queue, offset: 4 })).rejects.toMatchObject({ code: "UNKNOWN_EVENT" });
});

test("a type that main does not want counts as settled", async () => {
  const vendor = await connectPlain(hub.url, "/vendor", vendorToken());
  await vendor.request("subscribe", { types: ["delivered"] });
  await using driver = connectDriver();
  expect(await driver.publish(scan("p1-1"), { wait: "processed" })).toMatchObject({ outcome: "processed" });
  vendor.close();
});

test("plain clients ask and wait with the same request; others' events are their publishers' own, an admin may ask about any", async () => {
  const dana = await connectPlain(hub.url, "/driver", driverToken());
  const eli = await connectPlain(hub.url, "/driver", driverToken("eli"));
  const admin = await connectPlain(hub.url, "/driver", hub.token({ role: "admin" }));
  await dana.request("in-transit", { store, parcel: "p1", id: "p1-1" });
  const ask = { queue, offsets: [1] };
  expect(await dana.request("receipts", ask)).toEqual({ outcome: "receipts", receipts: [{ offset: 1, state: "pending" }] });
  expect(await dana.request("receipts", { ...ask, waitMs: 50 })).toEqual({
    outcome: "receipts",
    receipts: [{ offset: 1, state: "pending" }],
  });
  expect(await eli.request("receipts", ask)).toMatchObject({ outcome: "refused", error: { code: "FORBIDDEN" } });
  expect(await admin.request("receipts", ask)).toMatchObject({ receipts: [{ state: "pending" }] });
  expect(await dana.request("receipts", { ...ask, queue: "zone/north" })).toMatchObject({ error: { code: "INVALID_MESSAGE" } });
  expect(await dana.request("receipts", { ...ask, offsets: [] })).toMatchObject({ error: { code: "INVALID_MESSAGE" } });

  await using shop = await openShop();
  const waits = Array.from({ length: 64 }, () => dana.request("receipts", { ...ask, waitMs: 9_000 }));
  expect(await dana.request("receipts", { ...ask, waitMs: 9_000 })).toMatchObject({ error: { code: "BUSY", retry: "backoff" } });
  shop.decide("p1-1", "ack");
  for (const answer of await Promise.all(waits))
    expect(answer).toEqual({ outcome: "receipts", receipts: [{ offset: 1, state: "settled" }] });
  for (const client of [dana, eli, admin]) client.close();
});
