/**
 * A hub is backed up under load, goes on, is killed, and a restored folder takes its place. What was confirmed in between is
 * gone: everybody whom it concerns is told, and nothing else is lost.
 */
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClientEvents, createAdmin, createDriver, createVendor, type Driver, fileOutbox } from "@waybill/client";
import { openSqliteStorage, restoreFolder, type StoredEvent } from "@waybill/storage";
import { type RunningHub, startHub } from "@waybill/testkit";
import { expect, onTestFinished, test } from "vitest";

const slow = { timeout: 300_000 };
const fast = { reconnectMs: 50, reconnectMsMax: 200 };
const queues = ["store/acme", "store/zoo"] as const;
const storeOf = (n: number): string => (n % 3 === 0 ? "zoo" : "acme");
type Lost = Parameters<ClientEvents["hub-lost"]>[0];

function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "waybill-restore-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** As `waybill backup` does it, while the hub serves others. */
async function backUp(hub: RunningHub): Promise<string> {
  await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin", sub: "ada" }) });
  return (await admin.makeBackup({ name: "backup" })).path;
}

/** The truth about a folder, read by the storage alone. */
async function read(path: string) {
  const storage = await openSqliteStorage({ path, ballastBytes: 0 });
  const events: StoredEvent[] = [];
  const unsettled = new Set<string>();
  for (const queue of queues) {
    const { events: found } = await storage.read("default", queue, 1, { eventsMax: 1_000_000, bytesMax: 1e9 });
    events.push(...found);
    const row = await storage.subscription({ tenant: "default", queue, group: "main" });
    const { cursor = 0, open = [] } = row?.progress ?? {};
    for (const { offset, id } of found) if (offset > cursor || open.some(([from, to]) => from <= offset && offset <= to)) unsettled.add(id);
  }
  await storage.close();
  return { events, unsettled };
}

type Told = { id: string; queue: string; offset: number };

/** Publishes without a break until it is told to stop; keeps what was confirmed, in the order of the lanes. */
function load(driver: Driver, name: string) {
  const told: Told[] = [];
  let n = 0;
  const publish = async (): Promise<void> => {
    n += 1;
    const event = {
      type: "message" as const,
      store: storeOf(n),
      parcel: `${name}-p${n % 17}`,
      id: `${name}-${n}`,
      data: { text: "hello" },
    };
    const published = await driver.publish(event);
    if (published.outcome !== "outbox") told.push(published);
  };
  return {
    told,
    /** A few at a time. */
    async publish(count: number): Promise<void> {
      for (let left = count; left > 0; left -= 10) await Promise.all(Array.from({ length: Math.min(10, left) }, publish));
    },
    /** Into the outbox, without waiting for the hub. */
    put(count: number): Promise<unknown> {
      return Promise.all(Array.from({ length: count }, publish));
    },
  };
}

function newDriver(hub: RunningHub, name: string, path: string) {
  const token = hub.token({ role: "driver", driver: name, sub: name });
  const driver = createDriver({ url: hub.url, token, outbox: fileOutbox(join(path, `${name}.outbox`)), ...fast });
  onTestFinished(() => driver.close({ drainMs: 0 }));
  const lost = Promise.withResolvers<Lost>();
  driver.listen("hub-lost", lost.resolve);
  return { driver, lost: lost.promise, load: load(driver, name) };
}

/** Handles all of both stores, and remembers it. The first call for `held` does not end by itself. */
async function newVendor(hub: RunningHub, held: string) {
  const vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: ["acme", "zoo"], sub: "shop" }), ...fast });
  onTestFinished(() => vendor.close({ drainMs: 0 }));
  const handled: string[] = [];
  let look = (): void => {};
  let isHeld = false;
  vendor.onOther(async ({ id }, { signal }) => {
    if (id === held && !isHeld) {
      isHeld = true;
      await once(signal, "abort");
      return;
    }
    handled.push(id);
    look();
  });
  await vendor.start();
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      look = () => isSo() && resolve();
      look();
    });
  return { handled, until };
}

const countOf = (told: readonly Told[], queue: string): number => told.filter((one) => one.queue === queue).length;
/** In the backup, of one producer's lane: the highest number. */
const keptOf = (events: readonly StoredEvent[], name: string, queue: string): number =>
  Math.max(0, ...events.filter((event) => event.queue === queue && event.id.startsWith(`${name}-`)).map(({ number }) => number));
const lostLanes = (events: readonly StoredEvent[], name: string, told: readonly Told[]) =>
  queues
    .map((queue) => ({ queue, hubHas: keptOf(events, name, queue), confirmedTo: countOf(told, queue) }))
    .filter(({ hubHas, confirmedTo }) => hubHas < confirmedTo);

test("after a restore everybody is told what is gone, what the backup had arrives, and new events are handled", slow, async () => {
  const [dataDir, restored, outboxes] = [newFolder(), join(newFolder(), "data"), newFolder()];
  const first = await startHub({ dataDir, args: ["--ballast-mb", "1"], readyMs: 120_000 });
  onTestFinished(() => first.close());
  const dana = newDriver(first, "dana", outboxes);
  const erin = newDriver(first, "erin", outboxes);
  const vendor = await newVendor(first, "dana-5");
  /** They wait behind the event that is held, in its parcel's order. */
  const waits = (id: string): boolean =>
    id.startsWith("dana-") && Number(id.slice(5)) % 17 === 5 && storeOf(Number(id.slice(5))) === "acme";
  const mayBeHandled = () => [...dana.load.told, ...erin.load.told].filter(({ id }) => !waits(id)).length;

  await dana.load.publish(300);
  const underLoad = Promise.all([dana.load.publish(400), erin.load.publish(100)]);
  await vendor.until(() => vendor.handled.length > 350);
  const backup = await backUp(first);
  await underLoad;
  await Promise.all([dana.load.publish(100), erin.load.publish(50)]);
  await vendor.until(() => vendor.handled.length === mayBeHandled());
  await erin.driver.close();
  await first.program.kill();
  const offline = dana.load.put(20);

  restoreFolder({ from: backup, to: restored });
  const { events, unsettled } = await read(restored);
  expect(events.length).toBeGreaterThan(300);
  expect(events.length).toBeLessThan(950);
  expect([...unsettled]).toEqual(expect.arrayContaining(["dana-5", "dana-22"]));
  copyFileSync(join(dataDir, "hub.key"), join(restored, "hub.key"));
  const before = vendor.handled.length;
  const danaTold = [...dana.load.told];
  const second = await startHub({ dataDir: restored, port: first.port, args: ["--ballast-mb", "1"], readyMs: 120_000 });
  onTestFinished(() => second.close());

  const lost = await dana.lost;
  expect(lost.lanes.toSorted((a, b) => (a.queue < b.queue ? -1 : 1))).toEqual(lostLanes(events, "dana", danaTold));
  expect(lost.lanes.length).toBeGreaterThan(0);
  await offline;
  expect(dana.driver.outbox).toMatchObject({ pending: 0, refused: [] });

  // New events take the offsets of lost ones, which the same vendor has handled and remembers.
  await dana.load.publish(700);
  const added = dana.load.told.slice(danaTold.length);
  expect(added).toHaveLength(720);
  const reused = added.filter(({ queue, offset }) => danaTold.some((one) => one.queue === queue && one.offset === offset));
  // A hundred at least were published after the backup was made.
  expect(reused.length).toBeGreaterThanOrEqual(100);
  const expected = new Set([...unsettled, ...added.map(({ id }) => id)]);
  await vendor.until(() => {
    const since = new Set(vendor.handled.slice(before));
    return [...expected].every((id) => since.has(id));
  });

  // Who was away meanwhile is told when it comes back.
  const again = newDriver(second, "erin", outboxes);
  expect((await again.lost).lanes.toSorted((a, b) => (a.queue < b.queue ? -1 : 1))).toEqual(lostLanes(events, "erin", erin.load.told));

  await second.program.stop();
  const after = await read(restored);
  const ids = new Set(after.events.map(({ id }) => id));
  expect(events.filter(({ id }) => !ids.has(id))).toEqual([]);
  expect(added.filter(({ id }) => !ids.has(id))).toEqual([]);
  expect(ids.size).toBe(after.events.length);
});

test(
  "an older copy of the folder that was put back by hand is noticed by whoever published since, and new events are handled",
  slow,
  async () => {
    const [dataDir, outboxes] = [newFolder(), newFolder()];
    const first = await startHub({ dataDir, args: ["--ballast-mb", "1"], readyMs: 120_000 });
    onTestFinished(() => first.close());
    const dana = newDriver(first, "dana", outboxes);
    const vendor = await newVendor(first, "none");
    await dana.load.publish(30);
    const older = await backUp(first);
    const kept = [...dana.load.told];
    await dana.load.publish(30);
    await vendor.until(() => vendor.handled.length === 60);
    await first.program.kill();
    copyFileSync(join(dataDir, "hub.key"), join(older, "hub.key"));
    const second = await startHub({ dataDir: older, port: first.port, args: ["--ballast-mb", "1"], readyMs: 120_000 });
    onTestFinished(() => second.close());
    const lost = await dana.lost;
    expect(lost.lanes.toSorted((a, b) => (a.queue < b.queue ? -1 : 1))).toEqual(
      queues.map((queue) => ({ queue, hubHas: countOf(kept, queue), confirmedTo: countOf(dana.load.told, queue) })),
    );
    await dana.load.publish(10);
    expect(dana.driver.outbox).toMatchObject({ pending: 0, refused: [] });
    const added = dana.load.told.slice(-10);
    expect(added.every(({ queue, offset }) => offset <= countOf(dana.load.told.slice(0, 60), queue))).toBe(true);
    await vendor.until(() => added.every(({ id }) => vendor.handled.includes(id)));
  },
);
