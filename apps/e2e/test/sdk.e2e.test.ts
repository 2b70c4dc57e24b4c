import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDriver, createVendor, type Delivery, fileOutbox } from "@waybill/client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

const fast = { reconnectMs: 50, reconnectMsMax: 200 };

let hub: TestHub;
/** A store of its own for each test. */
let store: string;
let tests = 0;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub[Symbol.asyncDispose]());
beforeEach(() => {
  tests += 1;
  store = `acme-${tests}`;
});

async function tempDir() {
  const path = await mkdtemp(join(tmpdir(), "waybill-e2e-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test("what the SDK publishes reaches the store in each parcel's order, across two kills of the hub", async () => {
  await using dir = await tempDir();
  await using driver = createDriver({
    url: hub.url,
    token: hub.token({ role: "driver", driver: "dana" }),
    outbox: fileOutbox(join(dir.path, "dana.outbox")),
    ...fast,
  });
  await using vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: [store] }), ...fast });
  const handled: string[] = [];
  let onHandled: () => void = () => {};
  vendor.onOther((event) => {
    handled.push(`${event.parcel} ${event.id}`);
    onHandled();
  });
  await vendor.start();

  const parcels = Array.from({ length: 100 }, (_, index) => `p${index}`);
  const publishes: Promise<unknown>[] = [];
  for (let round = 0; round < 30; round += 1) {
    for (const parcel of parcels) publishes.push(driver.publish({ type: "in-transit", store, parcel, id: `${parcel}-${round}` }));
    if (round === 10 || round === 20) {
      await publishes.at(-50);
      await hub.killAndRestart();
    }
  }
  await Promise.all(publishes);
  while (handled.length < 3_000) {
    await new Promise<void>((resolve) => {
      onHandled = resolve;
    });
  }
  expect(new Set(handled).size).toBe(3_000);
  for (const parcel of parcels) {
    const own = handled.filter((line) => line.startsWith(`${parcel} `));
    expect(own).toEqual(Array.from({ length: 30 }, (_, round) => `${parcel} ${parcel}-${round}`));
  }
  expect(handled).toHaveLength(3_000);
});

test("an event published while the hub is away waits in the outbox, is told so, and arrives", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "dana.outbox");
  const token = hub.token({ role: "driver", driver: "dana" });
  await hub.running.program.kill();
  {
    await using driver = createDriver({ url: hub.url, token, outbox: fileOutbox(path), ...fast });
    expect(await driver.publish({ type: "pickup", store, parcel: "p1", id: "e1" }, { wait: "outbox" })).toMatchObject({
      outcome: "outbox",
    });
    expect(driver.outbox.pending).toBe(1);
    await driver.close({ drainMs: 0 });
  }
  await hub.killAndRestart();
  await using later = createDriver({ url: hub.url, token, outbox: fileOutbox(path), ...fast });
  await later.ready();
  await using vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: [store] }), ...fast });
  const arrived = new Promise<string>((resolve) => vendor.onOther((event) => resolve(event.id)));
  await vendor.start();
  expect(await arrived).toBe("e1");
});

test("a handler that throws gets the event again; its parcel waits, the others go on", async () => {
  await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", driver: "dana" }), ...fast });
  await using vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: [store] }), ...fast });
  const seen: string[] = [];
  const done = new Promise<void>((resolve) => {
    vendor.onOther((event, delivery: Delivery) => {
      seen.push(`${event.parcel} ${event.type} ${delivery.attempt}`);
      if (event.parcel === "p1" && event.type === "pickup" && delivery.attempt === 1) throw new Error("the printer is out");
      if (event.parcel === "p1" && event.type === "delivered") resolve();
    });
  });
  // All of them are there before the first is offered: what p2 has to do takes no longer than one turn of this loop, the back-off does.
  for (const parcel of ["p1", "p2"]) for (const type of ["pickup", "delivered"] as const) await driver.publish({ type, store, parcel });
  await vendor.start();
  await done;
  expect(seen.filter((line) => line.startsWith("p1"))).toEqual(["p1 pickup 1", "p1 pickup 2", "p1 delivered 1"]);
  expect(seen.indexOf("p2 delivered 1")).toBeLessThan(seen.indexOf("p1 pickup 2"));
});

test("what the hub refuses for good is kept in the outbox's refused list, and the lane goes on", async () => {
  await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", driver: "dana" }), ...fast });
  await expect(driver.publish({ type: "cancelled", store, parcel: "p1" })).rejects.toMatchObject({ code: "FORBIDDEN" });
  expect(await driver.publish({ type: "pickup", store, parcel: "p1" })).toMatchObject({ outcome: "stored", offset: 1 });
  expect(driver.outbox.refused).toHaveLength(1);
  expect(await driver.takeRefused()).toMatchObject([{ event: { type: "cancelled" }, error: { code: "FORBIDDEN" } }]);
});
