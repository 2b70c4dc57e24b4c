/** Who is full or slow holds back itself, and nobody else; and goes on by itself. */
import { createDriver, createVendor } from "@waybill/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collect, frame, readFrame } from "../src/frames.ts";
import { connectPlain } from "../src/plain-client.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

const QUEUE_EVENTS_MAX = 10;

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub({ args: ["--queue-events-max", String(QUEUE_EVENTS_MAX)] });
});
afterAll(() => hub[Symbol.asyncDispose]());

const driverToken = () => hub.token({ role: "driver", driver: "dana" });
const vendorToken = (store: string) => hub.token({ role: "vendor", stores: [store] });
const idsOf = (store: string, count: number) => Array.from({ length: count }, (_, index) => `${store}-${index + 1}`);

test("a full queue refuses and the outbox keeps; other lanes go on, and this one does by itself when its vendor takes", async () => {
  await using driver = createDriver({ url: hub.url, token: driverToken() });
  const confirmed: string[] = [];
  const publish = async (store: string, id: string) => {
    await driver.publish({ type: "pickup", store, parcel: "p1", id });
    confirmed.push(id);
  };
  const ids = idsOf("full", 3 * QUEUE_EVENTS_MAX);
  const all = ids.map((id) => publish("full", id));
  await Promise.all(all.slice(0, QUEUE_EVENTS_MAX));
  const bare = await connectPlain(hub.url, "/driver", driverToken());
  expect(await bare.request("pickup", { parcel: "p1", store: "full" })).toMatchObject({
    outcome: "refused",
    error: { code: "QUEUE_FULL", retry: "backoff" },
  });
  bare.close();
  await Promise.all(idsOf("other", QUEUE_EVENTS_MAX).map((id) => publish("other", id)));
  expect(driver.outbox.pending).toBe(2 * QUEUE_EVENTS_MAX);
  expect(confirmed).toHaveLength(2 * QUEUE_EVENTS_MAX);

  await using vendor = createVendor({ url: hub.url, token: vendorToken("full") });
  const handled: string[] = [];
  const isDone = new Promise<void>((resolve) => {
    vendor.onOther(({ id }) => {
      if (handled.push(id) === ids.length) resolve();
    });
  });
  await vendor.start();
  await Promise.all(all);
  await isDone;
  expect(handled).toEqual(ids);
  expect(confirmed.filter((id) => id.startsWith("full"))).toEqual(ids);
  expect(driver.outbox).toMatchObject({ pending: 0, refused: [] });
});

test("a vendor whose handlers never end gets no more than its credit, and keeps nothing from another group or another store", async () => {
  await using driver = createDriver({ url: hub.url, token: driverToken() });
  const publish = (store: string, id: string) => driver.publish({ type: "pickup", store, parcel: id, id });
  await publish("slow", "slow-0");
  await using slow = createVendor({ url: hub.url, token: vendorToken("slow") });
  let begun = 0;
  const never = Promise.withResolvers<void>();
  slow.onOther(() => {
    begun += 1;
    return never.promise;
  });
  await slow.start({ credit: { events: 2, bytes: 100_000 } });
  const others = await Promise.all(
    [
      { store: "slow", group: "audit" },
      { store: "quick", group: "main" },
    ].map(async ({ store, group }) => {
      const vendor = createVendor({ url: hub.url, token: vendorToken(store) });
      const handled: string[] = [];
      const isDone = new Promise<void>((resolve) => {
        vendor.onOther(({ id }) => {
          if (handled.push(id) === QUEUE_EVENTS_MAX) resolve();
        });
      });
      await vendor.start(group === "main" ? {} : { group, from: "start" });
      return { vendor, handled, isDone };
    }),
  );
  for (let n = 1; n <= QUEUE_EVENTS_MAX; n += 1) {
    if (n < QUEUE_EVENTS_MAX) await publish("slow", `slow-${n}`);
    await publish("quick", `quick-${n}`);
  }
  for (const { isDone, handled } of others) {
    await isDone;
    expect(new Set(handled).size).toBe(QUEUE_EVENTS_MAX);
  }
  expect(begun).toBe(2);
  for (const { vendor } of others) await vendor.close();
  never.resolve();
});

test("credit 0 stops a consumer and not its group; raised, it goes on", async () => {
  const driver = await connectPlain(hub.url, "/driver", driverToken());
  expect(await driver.request("hello", { producer: "flow-producer", incarnation: 1 })).toMatchObject({ outcome: "known" });
  let number = 0;
  const publish = async () => {
    number += 1;
    const event = { id: `c${number}`, type: "pickup", parcel: `c${number}`, store: "credit", at: "2026-11-21T10:00:00+01:00", data: {} };
    await driver.request("publish", frame({ lanes: [{ queue: "store/credit", first: number, count: 1 }] }, event));
    return event.id;
  };
  const consumers = await Promise.all(
    ["first", "second"].map(async (name) => {
      const client = await connectPlain(hub.url, "/vendor", vendorToken("credit"));
      const frames = collect(client.socket, "deliver", readFrame);
      let got = 0;
      client.socket.on("deliver", () => {
        got += 1;
      });
      const credit = { events: 1, bytes: 10_000 };
      const { sub } = await client.request("subscribe", { queue: "store/credit", credit, instance: `instance-${name}` });
      return {
        client,
        got: () => got,
        /** The next event, acked. */
        async take(): Promise<string | undefined> {
          const { header, events } = await frames();
          client.socket.emit("settle", { sub, epoch: header.epoch, acks: [[header.first, header.first]] });
          return events[0]?.id;
        },
        async credit(events: number): Promise<void> {
          client.socket.emit("credit", { sub, events, bytes: 10_000 });
          expect(await client.request("sync", {})).toEqual({ outcome: "done" });
        },
      };
    }),
  );
  const [first, second] = consumers;
  if (!first || !second) throw new Error("two consumers were made");
  await first.credit(0);
  const before = first.got();
  for (let n = 1; n <= QUEUE_EVENTS_MAX; n += 1) {
    const id = await publish();
    expect(await second.take()).toBe(id);
  }
  expect(first.got()).toBe(before);
  await second.credit(0);
  const id = await publish();
  await first.credit(1);
  expect(await first.take()).toBe(id);
  for (const { client } of consumers) client.close();
  driver.close();
});
