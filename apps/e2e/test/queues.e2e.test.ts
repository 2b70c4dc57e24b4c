import { createAdmin, createDriver, createVendor, type PeekedEvent, Tail } from "@waybill/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

/** One for all; the first test lists all of its queues. */
let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

const connectAdmin = () => createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
const connectVendor = (store: string) => createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: [store] }) });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function publish(store: string, ...ids: string[]) {
  await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", driver: "dana" }) });
  for (const id of ids) await driver.publish({ type: "in-transit", store, parcel: id.split("-")[0] ?? "", id, data: { note: id } });
}

const placeOf = ({ queue, offset, id }: PeekedEvent): string => `${queue} ${offset} ${id}`;

/** Reads so many events of a tail over a connection of its own, and leaves. */
async function read(tail: Tail, count: number): Promise<string[]> {
  await using admin = await connectAdmin();
  const places: string[] = [];
  if (count > 0)
    for await (const event of admin.tail(tail)) {
      places.push(placeOf(event));
      if (places.length === count) break;
    }
  return places;
}

test("queues are listed and looked at; a zone tells its open jobs; a peek settles nothing", async () => {
  await publish("acme", "p1-1", "p1-2", "p2-1");
  {
    await using vendor = connectVendor("acme");
    for (const parcel of ["j1", "j2"])
      await vendor.publish({ type: "ready", store: "acme", parcel, id: `ready-${parcel}`, data: { zone: "north" } });
    await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", driver: "dana" }) });
    await driver.take("j1");
  }
  await using admin = await connectAdmin();
  expect(await all(admin.queues())).toMatchObject([
    { queue: "store/acme", head: 6, firstKept: 1, pending: 6 },
    { queue: "zone/north", head: 2, firstKept: 1 },
  ]);
  expect((await all(admin.queues({ kind: "zone" }))).map(({ queue }) => queue)).toEqual(["zone/north"]);

  const acme = await admin.queue("store/acme");
  expect(acme).toMatchObject({
    head: 6,
    firstKept: 1,
    pending: 6,
    jobs: [],
    groups: [{ group: "main", floor: 0, pending: 6, consumers: 0 }],
  });
  expect(acme.lastMs).toBeGreaterThanOrEqual(acme.firstMs ?? Number.POSITIVE_INFINITY);
  expect(await admin.queue("zone/north")).toMatchObject({ jobs: [{ offset: 2, parcel: "j2", store: "acme" }] });
  await expect(admin.queue("store/nowhere")).rejects.toMatchObject({ code: "UNKNOWN_STORE" });

  expect((await all(admin.peek("store/acme", { last: 2 }))).map(placeOf)).toEqual([
    "store/acme 5 ready-j2",
    expect.stringMatching(/^store\/acme 6 /),
  ]);
  const [first] = await all(admin.peek("store/acme", { from: 1, parcel: "p1" }));
  expect(first).toMatchObject({ offset: 1, type: "in-transit", parcel: "p1", homeOffset: 1, event: { data: { note: "p1-1" } } });
  expect((await all(admin.peek("store/acme", { from: 2, type: "in-transit" }))).map(({ id }) => id)).toEqual(["p1-2", "p2-1"]);
  await expect(admin.ask("queue:peek", { queue: "store/acme", from: 1, last: 1 })).rejects.toMatchObject({ code: "INVALID_MESSAGE" });
  expect(await admin.queue("store/acme")).toMatchObject({ pending: 6 });
});

test("a peek that waits is answered with the next event; too many waits of one socket are BUSY", async () => {
  await publish("ant", "p1-1");
  await using admin = await connectAdmin();
  const waiting = admin.ask("queue:peek", { queue: "store/ant", from: 2, waitMs: 20_000 });
  await publish("ant", "p1-2");
  expect(await waiting).toMatchObject({ events: [{ offset: 2, id: "p1-2" }], next: 3, more: false });

  const { at } = await admin.ask("queue:grown", {});
  const waits = Array.from({ length: 16 }, () => admin.ask("queue:grown", { after: at, waitMs: 20_000 }));
  await expect(admin.ask("queue:grown", { after: at, waitMs: 20_000 })).rejects.toMatchObject({ code: "BUSY", retry: "backoff" });
  await publish("bee", "p1-3");
  for (const answer of await Promise.all(waits))
    expect(answer).toMatchObject({ queues: [{ queue: "store/bee", head: 1 }], complete: true });
});

test("a tail begins with what is new, follows queues that are born later, and goes on over kills of the hub without a gap", async () => {
  await publish("cod", "old-1");
  const everything = new Tail();
  const one = new Tail({ queues: ["store/cod"] });
  const whole = new Tail({ queues: ["store/cod"], from: 1 });
  const reading = [read(everything, 2), read(one, 1)];
  await Promise.all([everything.placed, one.placed]);
  await publish("cod", "p1-1");
  await publish("dab", "p2-1");
  expect(await Promise.all(reading)).toEqual([["store/cod 2 p1-1", "store/dab 1 p2-1"], ["store/cod 2 p1-1"]]);

  await publish("cod", "p1-2");
  await hub.killAndRestart();
  await publish("eel", "p3-1");
  expect((await read(everything, 2)).sort()).toEqual(["store/cod 3 p1-2", "store/eel 1 p3-1"]);
  expect(await read(one, 1)).toEqual(["store/cod 3 p1-2"]);
  expect(await read(whole, 3)).toEqual(["store/cod 1 old-1", "store/cod 2 p1-1", "store/cod 3 p1-2"]);
});
