import { setTimeout as sleep } from "node:timers/promises";
import { type Admin, createAdmin, createDriver, createVendor, type Delivery } from "@waybill/client";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { connectPlain } from "../src/plain-client.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";
import { startTrimmedHub } from "../src/trimmed-hub.ts";

const fast = { reconnectMs: 50, reconnectMsMax: 200 };

/** One for all, but for those whose queue was trimmed before. */
let hub: TestHub;
/** A store of its own for each test, and two groups of its queue. */
let store: string;
let acme: { queue: string };
let audit: { queue: string; group: string };
function takeStore(id: string): void {
  store = id;
  acme = { queue: `store/${store}` };
  audit = { ...acme, group: "audit" };
}

let tests = 0;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub[Symbol.asyncDispose]());
beforeEach(() => {
  tests += 1;
  takeStore(`acme-${tests}`);
});

/** A queue whose offsets 1 to 48 were trimmed, of 100; main has settled 60. */
async function trimmedHub(): Promise<TestHub> {
  const trimmed = await startTrimmedHub();
  onTestFinished(() => trimmed[Symbol.asyncDispose]());
  takeStore("acme");
  return trimmed;
}

async function adminOf(hub: TestHub): Promise<Admin> {
  const admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
  onTestFinished(() => admin[Symbol.asyncDispose]());
  return admin;
}

/** Handles what comes, and says what it handled. `hold` of an event is awaited first. */
async function newShop(hub: TestHub, { group = "main", hold }: { group?: string; hold?: (id: string) => Promise<void> | undefined } = {}) {
  const vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: [store] }), ...fast });
  onTestFinished(() => vendor.close({ drainMs: 0 }));
  const handled: { offset: number; generation: number }[] = [];
  const gaps: unknown[] = [];
  let wake: () => void = () => {};
  vendor.listen("gap", (gap) => gaps.push(gap));
  vendor.onOther(async (event, { offset, generation }: Delivery) => {
    await hold?.(event.id);
    handled.push({ offset, generation });
    wake();
  });
  const until = async (count: number) => {
    while (handled.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return handled.splice(0, count);
  };
  return { vendor, gaps, until, start: () => vendor.start({ group }) };
}

async function publish(hub: TestHub, from: number, to: number): Promise<void> {
  await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", driver: "dana" }), ...fast });
  for (let n = from; n <= to; n++) await driver.publish({ type: "in-transit", store, parcel: `p${n % 3}`, id: `e${n}` });
}
const offsets = (handled: readonly { offset: number }[]): number[] => handled.map(({ offset }) => offset).sort((a, b) => a - b);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

async function settledTo(admin: Admin, floor: number): Promise<void> {
  while ((await admin.subscription(acme)).floor !== floor) await sleep(10);
}

test("set back, every event comes again and is handled, none is taken for a duplicate; the preview said so, and changed nothing", async () => {
  const shop = await newShop(hub);
  await shop.start();
  await publish(hub, 1, 12);
  expect(offsets(await shop.until(12))).toEqual(range(1, 12));
  const admin = await adminOf(hub);
  await settledTo(admin, 12);

  const preview = await admin.reset(acme, { to: { offset: 5 }, dryRun: true });
  expect(preview).toMatchObject({
    before: { generation: 1, floor: 12 },
    after: { generation: 2, floor: 4 },
    head: 12,
    again: 8,
    skipped: 0,
  });
  expect(await admin.subscription(acme)).toMatchObject({ generation: 1, floor: 12 });

  expect(await admin.reset(acme, { to: { offset: 5 }, reason: "a new price list" })).toEqual({ ...preview, dryRun: false });
  const again = await shop.until(8);
  expect(offsets(again)).toEqual(range(5, 12));
  expect(new Set(again.map(({ generation }) => generation))).toEqual(new Set([2]));

  await settledTo(admin, 12);
  await hub.killAndRestart();
  const later = await adminOf(hub);
  // Acks of the last milliseconds may have died with the hub: what they were for comes again, and is known.
  await settledTo(later, 12);
  expect(await later.subscription(acme)).toMatchObject({ generation: 2 });
  await later.reset(acme, { to: "start" });
  expect(offsets(await shop.until(12))).toEqual(range(1, 12));
});

test("what runs while the group is set back goes on, and its late ack settles nothing: its event is handled again", async () => {
  const [started, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let isFirst = true;
  const shop = await newShop(hub, {
    hold(id) {
      if (id !== "e2" || !isFirst) return;
      isFirst = false;
      started.resolve();
      return goOn.promise;
    },
  });
  await shop.start();
  await publish(hub, 1, 4);
  await started.promise;
  const admin = await adminOf(hub);
  expect(await admin.reset(acme, { to: "start" })).toMatchObject({ after: { generation: 2, floor: 0 } });
  goOn.resolve();
  const handled = [];
  for (;;) {
    handled.push(...(await shop.until(1)));
    if (handled.filter(({ generation }) => generation === 2).length === 4) break;
  }
  expect(offsets(handled.filter(({ generation }) => generation === 2))).toEqual(range(1, 4));
  expect(handled).toContainEqual({ offset: 2, generation: 1 });
  await settledTo(admin, 4);
});

test("forward over unsettled events is refused with their number; with a reason they are passed over, stuck ones too", async () => {
  await publish(hub, 1, 9);
  const admin = await adminOf(hub);
  const vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: [store] }), ...fast });
  vendor.onOther((_event, delivery) => delivery.reject("no"));
  await vendor.start();
  while ((await admin.subscription(acme)).stuck < 3) await sleep(10);
  await vendor.close();
  await expect(admin.reset(acme, { to: "end" })).rejects.toMatchObject({
    code: "RESET_SKIPS",
    message: expect.stringContaining("9 events"),
  });
  expect(await admin.reset(acme, { to: "end", dryRun: true })).toMatchObject({ skipped: 9, stuck: 3, again: 0 });
  await expect(admin.reset(acme, { to: "end", skip: true })).rejects.toMatchObject({ code: "INVALID_MESSAGE" });
  expect(await admin.subscription(acme)).toMatchObject({ generation: 1, stuck: 3 });
  expect(await admin.reset(acme, { to: "end", skip: true, reason: "a day that was done by hand" })).toMatchObject({ skipped: 9 });
  await hub.killAndRestart();
  const later = await adminOf(hub);
  expect(await later.subscription(acme)).toMatchObject({ generation: 2, floor: 9, pending: 0, stuck: 0 });
  const shop = await newShop(hub);
  await shop.start();
  await publish(hub, 10, 10);
  expect(offsets(await shop.until(1))).toEqual([10]);
});

test("dead letters go with the events that come again, and stay below", async () => {
  const admin = await adminOf(hub);
  await publish(hub, 1, 6);
  await admin.setPolicy(acme, "skip");
  const vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: [store] }), ...fast });
  vendor.onOther((event, delivery) => {
    if (event.id === "e2" || event.id === "e5") delivery.reject("no such street");
  });
  await vendor.start();
  await settledTo(admin, 6);
  await vendor.close();
  expect(await admin.reset(acme, { to: { offset: 4 } })).toMatchObject({ again: 3, letters: 1 });
  const left = [];
  for await (const { offset } of admin.deadLetters(acme)) left.push(offset);
  expect(left).toEqual([2]);
  const shop = await newShop(hub);
  await shop.start();
  expect(offsets(await shop.until(3))).toEqual([4, 5, 6]);
});

test("a hub that is killed in the middle of a reset has done all of it or nothing", async () => {
  const shop = await newShop(hub);
  await shop.start();
  await publish(hub, 1, 6);
  await shop.until(6);
  const outcomes = new Set<string>();
  let generation = 1;
  for (const killedAfterMs of [0, 2, 5, 10]) {
    const admin = await adminOf(hub);
    await settledTo(admin, 6);
    // Answered behind the commit of all that is settled by now: the kill takes nothing of that back.
    await admin.setPolicy(acme, "block");
    const asked = admin.reset(acme, { to: "start" }).catch(() => "unknown" as const);
    await sleep(killedAfterMs);
    await hub.killAndRestart();
    const answer = await asked;
    const looked = await adminOf(hub);
    const now = await looked.subscription(acme);
    if (now.generation === generation) {
      expect(answer).toBe("unknown");
      expect(now).toMatchObject({ floor: 6, pending: 0 });
      outcomes.add("before");
    } else {
      expect(now.generation).toBe(generation + 1);
      generation = now.generation;
      const handled = await shop.until(6);
      expect(offsets(handled)).toEqual(range(1, 6));
      expect(new Set(handled.map((one) => one.generation))).toEqual(new Set([generation]));
      outcomes.add("after");
    }
  }
  expect(outcomes.size).toBeGreaterThan(0);
});

test("a new group is made from the start, an offset, a time or the end, and says what it gets", async () => {
  await publish(hub, 1, 5);
  await publish(hub, 6, 8);
  const admin = await adminOf(hub);
  const sixth = new Date((await admin.event(acme.queue, 6)).stored.recordedAtMs).toISOString();
  const make = (group: string, from: Parameters<Admin["createGroup"]>[1]["from"], dryRun = false) =>
    admin.createGroup({ ...acme, group }, { from, dryRun });
  expect(await make("audit", "start", true)).toMatchObject({ first: 1, head: 8, events: 8, dryRun: true });
  await expect(admin.subscription(audit)).rejects.toMatchObject({ code: "UNKNOWN_GROUP" });
  expect(await make("audit", "start")).toMatchObject({ first: 1, events: 8, order: "key" });
  expect(await make("b", { offset: 4 })).toMatchObject({ first: 4, events: 5 });
  expect(await make("c", { at: sixth })).toMatchObject({ first: 6, events: 3 });
  expect(await make("d", "end")).toMatchObject({ first: 9, events: 0 });
  await expect(make("audit", "end")).rejects.toMatchObject({ code: "GROUP_EXISTS" });
  await expect(make("main", "end")).rejects.toMatchObject({ code: "GROUP_EXISTS" });
  await hub.killAndRestart();
  const shop = await newShop(hub, { group: "c" });
  await shop.start();
  expect(offsets(await shop.until(3))).toEqual([6, 7, 8]);
});

test("a group that is read is not deleted unawares; deleted and made anew, its events come again to those who knew it", async () => {
  await publish(hub, 1, 4);
  const admin = await adminOf(hub);
  await admin.createGroup(audit, { from: "start" });
  const shop = await newShop(hub, { group: "audit" });
  await shop.start();
  await shop.until(4);
  await expect(admin.deleteGroup(audit)).rejects.toMatchObject({ code: "GROUP_READ" });
  await expect(admin.deleteGroup({ ...acme, group: "main" })).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(admin.deleteGroup({ ...acme, group: "ghost" })).rejects.toMatchObject({ code: "UNKNOWN_GROUP" });
  const gone = new Promise<Error>((resolve) => shop.vendor.listen("error", resolve));
  expect(await admin.deleteGroup(audit, { evenIfRead: true, reason: "a test" })).toMatchObject({ consumers: 1 });
  expect(await gone).toMatchObject({ code: "UNKNOWN_GROUP" });
  await admin.createGroup(audit, { from: "start" });
  await shop.start();
  const again = await shop.until(4);
  expect(offsets(again)).toEqual(range(1, 4));
  expect(again.every(({ generation }) => generation > 1)).toBe(true);
});

test("a queue has 32 groups and no more, whoever makes them", async () => {
  await publish(hub, 1, 1);
  const admin = await adminOf(hub);
  for (const n of range(2, 32)) await admin.createGroup({ ...acme, group: `g${n}` }, { from: "end" });
  await expect(admin.createGroup(audit, { from: "end", dryRun: true })).rejects.toMatchObject({ code: "TOO_MANY_GROUPS" });
  const plain = await connectPlain(hub.url, "/vendor", hub.token({ role: "vendor", stores: [store] }));
  expect(await plain.request("subscribe", { ...audit, from: "end" })).toMatchObject({ error: { code: "TOO_MANY_GROUPS" } });
  await admin.deleteGroup({ ...acme, group: "g9" });
  expect(await plain.request("subscribe", { ...audit, from: "end" })).toMatchObject({ outcome: "subscribed" });
  plain.close();
});

test("a pool follows its claims: it has one group and is not reset", async () => {
  const admin = await adminOf(hub);
  await admin.ask("names:add", { kind: "zone", ids: ["north"] });
  const pool = { queue: "zone/north" };
  await expect(admin.reset(pool, { to: "start", dryRun: true })).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(admin.createGroup({ ...pool, group: "audit" }, { from: "start" })).rejects.toMatchObject({ code: "FORBIDDEN" });
});

test("where history was retained away, a new group is told the gap, framed and plain, and gets all that is left", async () => {
  const hub = await trimmedHub();
  const admin = await adminOf(hub);
  const gap = { from: 1, to: 48 };
  expect(await admin.createGroup(audit, { from: "start" })).toMatchObject({ first: 1, head: 100, events: 52, gap });
  const shop = await newShop(hub, { group: "audit" });
  await shop.start();
  expect(offsets(await shop.until(52))).toEqual(range(49, 100));
  expect(shop.gaps).toEqual([{ ...audit, ...gap }]);

  const plain = await connectPlain(hub.url, "/vendor", hub.token({ role: "vendor", stores: [store] }));
  const told = new Promise((resolve) => plain.socket.on("gap", resolve));
  expect(await plain.request("subscribe", { ...acme, group: "plain", from: { offset: 40 } })).toMatchObject({ gap: { from: 40, to: 48 } });
  expect(await told).toEqual({ ...acme, from: 40, to: 48 });
  const [first] = await plain.take(1);
  expect(first?.event.offset).toBe(49);
  plain.close();

  // A time before which history was trimmed: how much of it was later than that, nobody knows. It is not passed over in silence.
  const early = { from: { at: "2026-05-01T10:00:30Z" }, dryRun: true } as const;
  expect(await admin.createGroup({ ...acme, group: "c" }, early)).toMatchObject({ gap });
  const late = { from: { at: "2026-05-01T10:01:20Z" }, dryRun: true } as const;
  const { gap: none, first: at } = await admin.createGroup({ ...acme, group: "c" }, late);
  expect([none, at]).toEqual([undefined, 80]);
});

test("set back before what was retained away: the gap is said beforehand, and told to whoever reads", async () => {
  const hub = await trimmedHub();
  const shop = await newShop(hub);
  await shop.start();
  expect(offsets(await shop.until(40))).toEqual(range(61, 100));
  const admin = await adminOf(hub);
  await settledTo(admin, 100);
  expect(await admin.reset(acme, { to: { offset: 20 }, dryRun: true })).toMatchObject({ again: 52, skipped: 0, gap: { from: 20, to: 48 } });
  await admin.reset(acme, { to: { offset: 20 } });
  expect(offsets(await shop.until(52))).toEqual(range(49, 100));
  expect(shop.gaps).toEqual([{ ...acme, group: "main", from: 20, to: 48 }]);
});
