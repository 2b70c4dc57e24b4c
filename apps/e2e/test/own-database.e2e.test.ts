import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createAdmin, createDriver, createVendor } from "@waybill/client";
import { createSupervisor, type JsonLine } from "@waybill/testkit";
import { expect, onTestFinished, test } from "vitest";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

const script = fileURLToPath(new URL("../../../examples/own-database/main.ts", import.meta.url));
const command = fileURLToPath(new URL("../../cli/bin/waybill.js", import.meta.url));
const books = { queue: "store/acme", group: "books" };
const fast = { reconnectMs: 50, reconnectMsMax: 200 };

async function newHub(): Promise<TestHub> {
  const hub = await startTestHub();
  onTestFinished(() => hub[Symbol.asyncDispose]());
  return hub;
}

/** The example, its database, and what can be done to both. */
function newStore(hub: TestHub) {
  const folder = mkdtempSync(join(tmpdir(), "waybill-books-"));
  const file = join(folder, "books.db");
  const supervisor = createSupervisor();
  onTestFinished(async () => {
    await supervisor.close();
    rmSync(folder, { recursive: true });
  });
  const said: string[] = [];
  const env = { ...process.env, WAYBILL_URL: hub.url, WAYBILL_TOKEN: hub.token({ role: "vendor", stores: ["acme"] }), DATABASE: file };
  const program = supervisor.start({ name: "books", script, env, onText: (text) => void said.push(text) });
  const isReady = (line: JsonLine): boolean => line.msg === "ready";
  // Listened for from the start of each life on: it says so once.
  let ready = program.awaitLine(isReady);

  const look = <T>(ask: (db: DatabaseSync) => T): T => {
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      return ask(db);
    } finally {
      db.close();
    }
  };
  const ids = (): unknown[] => look((db) => db.prepare("SELECT id FROM entry ORDER BY n").all()).map(({ id }) => id);
  const count = (): number => Number(look((db) => db.prepare("SELECT count(*) AS n FROM entry").get())?.n ?? 0);
  return {
    program,
    said,
    ids,
    restart(): void {
      program.restart();
      ready = program.awaitLine(isReady);
    },
    async until(entries: number): Promise<void> {
      await ready;
      while (count() < entries) await sleep(2);
    },
    /** While it does not run. All that is in the log goes into the file first. */
    copy(to: string): void {
      const db = new DatabaseSync(file);
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      db.close();
      copyFileSync(file, join(folder, to));
    },
    putBack(from: string | null): void {
      for (const end of ["", "-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
      if (from !== null) copyFileSync(join(folder, from), file);
    },
  };
}

const range = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `e${from + i}`);

test("killed again and again between effect and ack, with the hub, its database put back or lost: each event once, in order", {
  timeout: 240_000,
}, async () => {
  const hub = await newHub();
  await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", driver: "dana" }), ...fast });
  let published = 0;
  const publish = async (count: number): Promise<void> => {
    for (const id of range(published + 1, published + count)) {
      await driver.publish({ type: "in-transit", store: "acme", parcel: `p${published % 5}`, id });
      published += 1;
    }
  };
  const acked = async (entries: number): Promise<void> => {
    await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
    while ((await admin.subscription(books)).floor < entries) await sleep(10);
  };
  const store = newStore(hub);
  for (const round of [1, 2, 3, 4, 5, 6]) {
    const before = published;
    const publishing = publish(25);
    // It is killed while it works, not while it waits: more comes.
    await store.until(before + 15);
    // An older copy is one that lacks what the hub knows as acked.
    if (round === 4) await acked(before + 15);
    await store.program.kill();
    if (round === 1 || round === 5) await hub.killAndRestart();
    await publishing;
    if (round === 2) store.copy("older");
    if (round === 4) store.putBack("older");
    if (round === 5) store.putBack(null);
    store.restart();
  }
  await store.until(published);
  expect(store.ids()).toEqual(range(1, published));
  // One for each that was put back.
  expect(store.said.filter((line) => line.includes("set-back"))).toHaveLength(2);

  await acked(published);
  await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
  expect(await admin.subscription(books)).toMatchObject({ generation: 3, stuck: 0, dead: 0 });
});

test("the group's order is given when it is made; a position means nothing where each parcel has its own order", async () => {
  const hub = await newHub();
  await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
  await admin.ask("names:add", { kind: "store", ids: ["acme"] });
  await admin.createGroup(books, { from: "start", order: "queue" });
  await admin.createGroup({ ...books, group: "audit" }, { from: "start" });
  const vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: ["acme"] }), ...fast });
  vendor.onOther(() => {});
  await expect(vendor.start({ group: "books", order: "key" })).rejects.toMatchObject({ code: "GROUP_DIFFERS" });
  await expect(vendor.start({ group: "audit", resume: () => ({ generation: 1, offset: 1 }) })).rejects.toMatchObject({
    code: "GROUP_DIFFERS",
  });
  await vendor.start({ group: "books", order: "queue" });
  await vendor.close();
});

test("what an operator skipped, and types that are not wanted, set nothing back", async () => {
  const hub = await newHub();
  await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", driver: "dana" }), ...fast });
  for (const id of range(1, 3)) await driver.publish({ type: "in-transit", store: "acme", parcel: "p1", id });
  await driver.publish({ type: "message", store: "acme", parcel: "p1", id: "note", data: { text: "hello" } });
  const handled: string[] = [];
  let position: { generation: number; offset: number } | null = null;
  const resumed: unknown[] = [];
  const open = async () => {
    const vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: ["acme"] }), ...fast });
    vendor.on("in-transit", ({ id }, delivery) => {
      if (id === "e2") return delivery.reject("no");
      handled.push(id);
      position = { generation: delivery.generation, offset: delivery.offset };
    });
    vendor.listen("resumed", (told) => resumed.push(told));
    await vendor.start({ group: "books", order: "queue", from: "start", types: ["in-transit"], resume: () => position });
    return vendor;
  };
  const first = await open();
  await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
  while ((await admin.subscription(books)).stuck === 0) await sleep(10);
  await admin.skipKey(books, "p1", "no such street");
  while ((await admin.subscription(books)).floor < 4) await sleep(10);
  await first.close();
  await using second = await open();
  expect(second.status).toBe("connected");
  expect(resumed).toEqual([]);
  expect(handled).toEqual(["e1", "e3"]);
  expect(await admin.subscription(books)).toMatchObject({ generation: 1, floor: 4, dead: 1 });
});

test("after a restore of the hub a position of before says nothing: its offset names another event by now, and that one is handled", async () => {
  const folder = mkdtempSync(join(tmpdir(), "waybill-restored-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const applied: string[] = [];
  const resumed: unknown[] = [];
  let position: { generation: number; offset: number } | null = null;
  const open = async (hub: TestHub) => {
    const vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", stores: ["acme"] }), ...fast });
    vendor.on("in-transit", ({ id }, delivery) => {
      applied.push(id);
      position = { generation: delivery.generation, offset: delivery.offset };
    });
    vendor.listen("resumed", ({ how }) => resumed.push(how));
    await vendor.start({ group: "books", order: "queue", from: "start", types: ["in-transit"], resume: () => position });
    return vendor;
  };
  const publish = async (hub: TestHub, ...ids: string[]) => {
    await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", driver: "dana" }), ...fast });
    for (const id of ids) await driver.publish({ type: "in-transit", store: "acme", parcel: "p1", id });
  };
  const settled = async (hub: TestHub, floor: number): Promise<void> => {
    await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
    while ((await admin.subscription(books)).floor < floor) await sleep(10);
  };

  const first = await startTestHub({ args: ["--backups", join(folder, "backups")] });
  onTestFinished(() => first[Symbol.asyncDispose]());
  const before = await open(first);
  await publish(first, "e1", "e2");
  await settled(first, 2);
  const admin = await createAdmin({ url: first.url, token: first.token({ role: "admin" }) });
  const backup = await admin.makeBackup();
  await publish(first, "e3", "e4");
  await settled(first, 4);
  await before.close();
  await admin[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  expect(position).toMatchObject({ offset: 4 });

  const dataDir = join(folder, "restored");
  await first.run(process.execPath, [command, "restore", backup.path, dataDir]);
  const second = await startTestHub({ dataDir, args: ["--ballast-mb", "1"] });
  onTestFinished(() => second[Symbol.asyncDispose]());
  // They take the offsets of e3 and e4, which this hub never had.
  await publish(second, "e5", "e6");
  const after = await open(second);
  await settled(second, 4);
  await after.close();
  expect(resumed).toEqual(["unknown"]);
  expect(applied).toEqual(["e1", "e2", "e3", "e4", "e5", "e6"]);
});
