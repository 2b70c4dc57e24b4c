import { createAdmin, createDriver, createVendor } from "@waybill/client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connectPlain } from "../src/plain-client.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

const fast = { reconnectMs: 50, reconnectMsMax: 200 };
const DAY = 86_400_000;

let hub: TestHub;
/** A store of its own for each test, and its subscription. */
let store: string;
let acme: { queue: string };
let tests = 0;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub[Symbol.asyncDispose]());
beforeEach(() => {
  tests += 1;
  store = `acme-${tests}`;
  acme = { queue: `store/${store}` };
});

const connectAdmin = () => createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
const connectDriver = () => createDriver({ url: hub.url, token: hub.token({ role: "driver", driver: "dana" }), ...fast });
const vendorToken = () => hub.token({ role: "vendor", stores: [store] });
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

async function openShop() {
  const vendor = createVendor({ url: hub.url, token: vendorToken(), ...fast });
  const handled: string[] = [];
  const early: string[] = [];
  let wake = () => {};
  vendor.onOther((event) => {
    // The hub's time is this machine's, and behind it at most.
    if (event.notBefore !== undefined && Date.now() < Date.parse(event.notBefore)) early.push(event.id);
    handled.push(event.id);
    wake();
  });
  await vendor.start();
  const until = async (count: number) => {
    while (handled.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return handled;
  };
  return { until, early, [Symbol.asyncDispose]: () => vendor[Symbol.asyncDispose]() };
}

test("a delayed event holds its parcel, and nobody else's, and says so", async () => {
  await using shop = await openShop();
  {
    await using driver = connectDriver();
    const scan = { type: "in-transit", store } as const;
    expect(await driver.publish({ ...scan, parcel: "p1", id: "p1-1", notBefore: inMs(DAY) })).toMatchObject({
      outcome: "stored",
      offset: 1,
    });
    await driver.publish({ ...scan, parcel: "p1", id: "p1-2" });
    await driver.publish({ ...scan, parcel: "p2", id: "p2-1" });
    await driver.publish({ ...scan, parcel: "p3", id: "p3-1", notBefore: inMs(-DAY) });
  }
  expect([...(await shop.until(2))]).toEqual(["p2-1", "p3-1"]);
  {
    await using admin = await connectAdmin();
    const reason = { because: "delayed", untilMs: expect.any(Number) };
    expect(await admin.explain(acme, 1)).toMatchObject({ first: 1, reason });
    expect(await admin.explain(acme, 2)).toMatchObject({ first: 1, reason });
    await expect.poll(() => admin.subscription(acme)).toMatchObject({ delayed: 1, resting: 0, stuck: 0, pending: 2 });
    await expect(admin.retryKey(acme, "p1")).rejects.toMatchObject({ code: "NOT_STUCK" });
    await expect(admin.skipKey(acme, "p1", "enough")).rejects.toMatchObject({ code: "NOT_STUCK" });
  }
});

test("a hub that is killed in between offers a delayed event at its time, not before, and then its successors", async () => {
  await using shop = await openShop();
  await using driver = connectDriver();
  const scan = { type: "in-transit", store, parcel: "p1" } as const;
  await driver.publish({ ...scan, id: "p1-1", notBefore: inMs(2_000) });
  await driver.publish({ ...scan, id: "p1-2" });
  await hub.killAndRestart();
  expect(await shop.until(2)).toEqual(["p1-1", "p1-2"]);
  expect(shop.early).toEqual([]);
});

test("nobody reads the queue: explain knows the delay from the event itself", async () => {
  await using driver = connectDriver();
  await driver.publish({ type: "in-transit", store, parcel: "p1", notBefore: inMs(DAY) });
  await using admin = await connectAdmin();
  expect(await admin.explain(acme, 1)).toMatchObject({ first: 1, reason: { because: "delayed" } });
  // A client of version 1 does not know the word.
  const asked = await admin.ask("event:explain", { ...acme, offset: 1 });
  expect(asked.reason).toMatchObject({ because: "resting", dueMs: expect.any(Number), failed: 0 });
});

test("too far ahead is refused, by the SDK's outbox too, and what is no time is refused at once", async () => {
  await using driver = connectDriver();
  const event = { type: "in-transit", store, parcel: "p1" } as const;
  await expect(driver.publish({ ...event, notBefore: inMs(31 * DAY) })).rejects.toMatchObject({
    code: "INVALID_EVENT",
    message: expect.stringMatching(/`notBefore` is .*, more than 30 days after the hub's time/),
  });
  expect(await driver.takeRefused()).toHaveLength(1);
  await expect(driver.publish({ ...event, notBefore: "tomorrow" })).rejects.toMatchObject({
    code: "INVALID_EVENT",
    issues: [{ path: "notBefore" }],
  });
});

test("plain clients give and get it as a field; a delayed job is offered to no driver before its time, and can be taken by name", async () => {
  const vendor = await connectPlain(hub.url, "/vendor", vendorToken());
  const dana = await connectPlain(hub.url, "/driver", hub.token({ role: "driver", driver: "dana" }));
  await dana.request("subscribe", { queue: `zone/${store}` });
  const ready = (parcel: string, notBefore?: string) => vendor.request("ready", { store, parcel, notBefore, data: { zone: store } });
  const untilMs = Date.now() + 1_500;
  expect(await ready("p1", new Date(untilMs).toISOString())).toMatchObject({ outcome: "stored" });
  expect(await ready("p2", inMs(DAY))).toMatchObject({ outcome: "stored" });
  expect(await ready("p3")).toMatchObject({ outcome: "stored" });
  expect(await ready("p4", inMs(31 * DAY))).toMatchObject({ outcome: "refused", error: { code: "INVALID_EVENT" } });
  // Which of the two is offered first is a matter of how fast all this went; when the delayed one may come is not.
  const offers = await dana.take(2);
  expect(offers.map(({ event }) => event.parcel).sort()).toEqual(["p1", "p3"]);
  expect(Date.now()).toBeGreaterThanOrEqual(untilMs);
  expect(offers.find(({ event }) => event.parcel === "p1")?.event.notBefore).toBe(new Date(untilMs).toISOString());
  expect(await dana.request("take", { parcel: "p2" })).toMatchObject({ outcome: "yours" });
  await using admin = await connectAdmin();
  expect(await admin.explain({ queue: `zone/${store}` }, 2)).toMatchObject({ reason: { because: "settled" } });
  vendor.close();
  dana.close();
});

test("a frame that spells the field with escapes is delayed all the same, also when it is read again from disk", async () => {
  const driver = await connectPlain(hub.url, "/driver", hub.token({ role: "driver", driver: "dana" }));
  await driver.request("hello", { producer: "producer-1", incarnation: 1 });
  const event = { id: "e1", type: "in-transit", parcel: "p1", store, at: inMs(0), notBefore: inMs(DAY), data: {} };
  const header = JSON.stringify({ lanes: [{ queue: acme.queue, first: 1, count: 1 }] });
  const line = JSON.stringify(event).replace("notBefore", "not\\u0042efore");
  expect(await driver.request("publish", Buffer.from(`${header}\n${line}`))).toMatchObject({
    outcome: "confirmed",
    lanes: [{ confirmedTo: 1 }],
  });
  driver.close();
  await hub.killAndRestart();
  await using _shop = await openShop();
  await using admin = await connectAdmin();
  expect(await admin.explain(acme, 1)).toMatchObject({ reason: { because: "delayed" } });
  expect(await admin.event(acme.queue, 1)).toMatchObject({ event });
});
