import { createAdmin, createDriver, createVendor, type Delivery, type Vendor } from "@waybill/client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

const fast = { reconnectMs: 50, reconnectMsMax: 200 };

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

/** A store whose handler rejects what it was told to, and says what it handled. */
async function openShop() {
  const vendor: Vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: [store] }), ...fast });
  const handled: { id: string; redrive: number }[] = [];
  const poison = new Set<string>();
  let wake: () => void = () => {};
  vendor.onOther((event, delivery: Delivery) => {
    if (poison.has(event.id)) delivery.reject("no such street");
    else handled.push({ id: event.id, redrive: delivery.redrive });
    wake();
  });
  const until = async (count: number) => {
    while (handled.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return handled.map(({ id }) => id);
  };
  return { vendor, handled, poison, until, [Symbol.asyncDispose]: () => vendor[Symbol.asyncDispose]() };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Asks again until it is so: what happens on the way to it is not what is tested. */
async function eventually<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function publish(...ids: string[]) {
  await using driver = connectDriver();
  for (const id of ids) await driver.publish({ type: "in-transit", store, parcel: id.split("-")[0] ?? "", id });
}

test("a poison event is stuck, explain says so, its successors wait behind it; mended and retried, all drains, across kills of the hub", async () => {
  await using shop = await openShop();
  shop.poison.add("p1-1");
  await shop.vendor.start();
  await publish("p1-1", "p1-2", "p2-1");
  expect(await shop.until(1)).toEqual(["p2-1"]);
  {
    await using admin = await connectAdmin();
    const [key] = await eventually(
      () => all(admin.stuckKeys(acme)),
      (keys) => keys.length > 0,
    );
    expect(key).toMatchObject({ parcel: "p1", offset: 1, event: { id: "p1-1", type: "in-transit" }, failed: 1, interrupted: 0 });
    expect(key?.notes).toMatchObject([{ kind: "failed", by: `vendor ${store}`, reason: "no such street" }]);
    expect(await admin.explain(acme, 1)).toMatchObject({ first: 1, reason: { because: "stuck", failed: 1 } });
    expect(await admin.explain(acme, 2)).toMatchObject({ first: 1, reason: { because: "stuck" }, stored: { id: "p1-2", parcel: "p1" } });
    // Its handler is done; its ack may be on its way.
    const third = await eventually(
      () => admin.explain(acme, 3),
      ({ reason }) => reason.because === "settled",
    );
    expect(third).toMatchObject({ first: 3 });
    expect(await admin.explain(acme, 4)).toMatchObject({ reason: { because: "ahead", head: 3 }, stored: null });
    expect(await all(admin.subscriptions())).toMatchObject([
      { ...acme, group: "main", head: 3, floor: 0, pending: 2, stuck: 1, dead: 0, consumers: 1, paused: false },
    ]);
  }
  await shop.vendor.close();
  await hub.killAndRestart();
  await using admin = await connectAdmin();
  expect(await admin.explain(acme, 2)).toMatchObject({ first: 1, reason: { because: "stuck", failed: 1 } });
  // Nobody reads it now: it is retried all the same, and that is durable.
  expect(await admin.retryKey(acme, "p1")).toBe(1);
  expect(await all(admin.stuckKeys(acme))).toEqual([]);
  await expect(admin.retryKey(acme, "p1")).rejects.toMatchObject({ code: "NOT_STUCK" });
  await hub.killAndRestart();
  await using later = await connectAdmin();
  expect(await later.explain(acme, 2)).toMatchObject({ reason: { because: "no-consumer" } });
  await using mended = await openShop();
  await mended.vendor.start();
  expect(await mended.until(2)).toEqual(["p1-1", "p1-2"]);
});

test("a skipped event becomes a dead letter with its attempts, also after a kill; redriven it comes late, with redrive 1", async () => {
  await using shop = await openShop();
  shop.poison.add("p1-1");
  await shop.vendor.start();
  await publish("p1-1", "p1-2");
  await using first = await connectAdmin();
  await eventually(
    () => all(first.stuckKeys(acme)),
    (keys) => keys.length > 0,
  );
  expect(await first.skipKey(acme, "p1", "the street was renamed")).toBe(1);
  expect(await shop.until(1)).toEqual(["p1-2"]);
  await hub.killAndRestart();

  await using admin = await connectAdmin();
  expect(await all(admin.deadLetters(acme))).toMatchObject([
    { offset: 1, parcel: "p1", type: "in-transit", id: "p1-1", redrive: 0, attempts: 2, reason: "the street was renamed" },
  ]);
  expect(await all(admin.deadLetters(acme, { parcel: "p2" }))).toEqual([]);
  expect(await admin.explain(acme, 1)).toMatchObject({ reason: { because: "dead", attempts: 2, redrive: 0 } });
  const letter = await eventually(
    () => admin.deadLetter(acme, 1),
    ({ order }) => order.after[0]?.settled === true,
  );
  expect(letter).toMatchObject({
    event: { id: "p1-1", parcel: "p1" },
    notes: [
      { kind: "failed", by: `vendor ${store}`, reason: "no such street" },
      { kind: "failed", by: "admin admin", reason: "the street was renamed" },
    ],
    order: { before: [], after: [{ offset: 2, type: "in-transit", settled: true }] },
  });

  expect(await all(admin.redrive({ ...acme, which: {}, dryRun: true }))).toEqual([{ offsets: [1], busy: [] }]);
  expect(shop.handled).toHaveLength(1);
  shop.poison.clear();
  expect(await all(admin.redrive({ ...acme, which: { offsets: [1, 7] }, perSecond: 50 }))).toEqual([{ offsets: [1], busy: [] }]);
  await shop.until(2);
  expect(shop.handled).toEqual([
    { id: "p1-2", redrive: 0 },
    { id: "p1-1", redrive: 1 },
  ]);
  await eventually(
    () => all(admin.deadLetters(acme)),
    (letters) => letters.length === 0,
  );
  expect(await admin.explain(acme, 1)).toMatchObject({ reason: { because: "settled" } });
});

test("a redrive that nobody has taken yet goes on after a kill of the hub, and is not begun twice", async () => {
  const shop = await openShop();
  shop.poison.add("p1-1");
  await shop.vendor.start();
  await publish("p1-1");
  await using first = await connectAdmin();
  await first.setPolicy(acme, "skip");
  await eventually(
    () => all(first.deadLetters(acme)),
    (letters) => letters.length > 0,
  );
  await shop.vendor.close();
  expect(await all(first.redrive({ ...acme, which: {} }))).toEqual([{ offsets: [1], busy: [] }]);
  expect(await all(first.redrive({ ...acme, which: {} }))).toEqual([{ offsets: [], busy: [1] }]);
  await hub.killAndRestart();
  await using admin = await connectAdmin();
  expect(
    await eventually(
      () => admin.explain(acme, 1),
      ({ reason }) => reason.because !== "saving",
    ),
  ).toMatchObject({ redrive: 1, reason: { because: "no-consumer" } });
  await using mended = await openShop();
  await mended.vendor.start();
  await mended.until(1);
  expect(mended.handled).toEqual([{ id: "p1-1", redrive: 1 }]);
});

test("with policy skip, also after a kill, what fails is buried and its parcel goes on; a discard needs no consumer and is for good", async () => {
  await using admin = await connectAdmin();
  {
    await using shop = await openShop();
    await shop.vendor.start();
    await publish("p0-1");
    await shop.until(1);
  }
  await admin.setPolicy(acme, "skip");
  await hub.killAndRestart();
  {
    await using shop = await openShop();
    for (const id of ["p1-1", "p2-1", "p3-1"]) shop.poison.add(id);
    await shop.vendor.start();
    await publish("p1-1", "p1-2", "p2-1", "p3-1", "p3-2");
    expect((await shop.until(2)).sort()).toEqual(["p1-2", "p3-2"]);
  }
  await using operator = await connectAdmin();
  await eventually(
    () => operator.subscription(acme),
    ({ dead, consumers, pending }) => dead === 3 && consumers === 0 && pending === 0,
  );
  expect(await all(operator.discard({ ...acme, which: { parcel: "p1" }, reason: "never existed" }))).toEqual([{ offsets: [2], busy: [] }]);
  await expect(operator.deadLetter(acme, 2)).rejects.toMatchObject({ code: "UNKNOWN_EVENT" });
  await hub.killAndRestart();
  await using again = await connectAdmin();
  expect((await all(again.deadLetters(acme))).map(({ id }) => id)).toEqual(["p2-1", "p3-1"]);
  expect(await again.subscription(acme)).toMatchObject({ policy: "skip", dead: 2, types: null, readers: [] });
});

test("a pause is durable; explain says paused, in hand of whom, not routed, and no credit", async () => {
  await using admin = await connectAdmin();
  await publish("p1-1", "p1-2");
  await admin.pause(acme);
  await hub.killAndRestart();
  await using operator = await connectAdmin();
  await using vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: [store] }), ...fast });
  const release = Promise.withResolvers<void>();
  const seen: string[] = [];
  vendor.onOther(async (event) => {
    seen.push(event.id);
    await release.promise;
  });
  await vendor.start({ credit: { events: 1, bytes: 100_000 } });
  expect(
    await eventually(
      () => operator.subscription(acme),
      ({ consumers }) => consumers === 1,
    ),
  ).toMatchObject({
    paused: true,
    pending: 2,
    readers: [{ by: `vendor ${store}`, mode: "frames", credit: 1 }],
  });
  expect(await operator.explain(acme, 1)).toMatchObject({ reason: { because: "paused" } });
  expect(seen).toEqual([]);
  await operator.resume(acme);
  const held = await eventually(
    () => operator.explain(acme, 1),
    ({ reason }) => reason.because === "in-hand" && reason.started,
  );
  expect(held).toMatchObject({ reason: { by: `vendor ${store}`, answered: false } });
  await publish("p2-1");
  expect(await operator.explain(acme, 3)).toMatchObject({ first: 3, reason: { because: "no-credit", consumers: 1, inHand: 1 } });
  expect(await operator.explain({ queue: "driver/dana" }, 1, { home: acme.queue })).toMatchObject({
    offset: 0,
    reason: { because: "not-routed", home: acme.queue },
  });
  expect(await operator.event(acme.queue, 1)).toMatchObject({ stored: { id: "p1-1", parcel: "p1" }, event: { type: "in-transit" } });
  await expect(operator.event(acme.queue, 9)).rejects.toMatchObject({ code: "UNKNOWN_EVENT" });
  await expect(operator.explain({ ...acme, group: "nobody" }, 1)).rejects.toMatchObject({ code: "UNKNOWN_GROUP" });
  await expect(operator.subscription({ queue: "store/nowhere" })).rejects.toMatchObject({ code: "UNKNOWN_STORE" });
  release.resolve();
});

test("a copy in another queue is found by its home", async () => {
  await using vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: [store] }), ...fast });
  await publish("p9-1");
  await vendor.publish({ type: "ready", store, parcel: "p1", id: "r1", data: { zone: "north" } });
  await using admin = await connectAdmin();
  expect(await admin.explain({ queue: "zone/north" }, 2, { home: acme.queue })).toMatchObject({
    offset: 1,
    stored: { id: "r1", homeOffset: 2 },
    reason: { because: "no-consumer" },
  });
});
