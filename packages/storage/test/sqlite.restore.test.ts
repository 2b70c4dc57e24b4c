/** A restored folder has all that its backup had, and nobody takes it for the folder that the backup was made of. */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSqliteStorage, restoreFolder, type Storage, verifyFolder } from "../src/index.ts";
import { append, byHub, numbered, range, readAll, tenant, writeProgress } from "./conformance/items.ts";
import { change, fill, filled, flip, folder, main } from "./filled-folder.ts";

const dayMs = 86_400_000;
const unwritten = { tenant, queue: "store/other", group: "main" };

async function open(path: string, wallMs = Date.now()): Promise<Storage> {
  const storage = await openSqliteStorage({ path, ballastBytes: 0, wallMs: () => wallMs });
  onTestFinished(() => storage.close());
  return storage;
}
const listed = (path: string): [string, string][] =>
  readdirSync(path).map((name) => [
    name,
    createHash("sha1")
      .update(readFileSync(join(path, name)))
      .digest("hex"),
  ]);

/** Of a storage that goes on after it. */
async function backedUp(): Promise<{ storage: Storage; backup: string }> {
  const storage = await openSqliteStorage({ path: folder(), ballastBytes: 0, segmentEvents: 24 });
  onTestFinished(() => storage.close());
  await fill(storage);
  const backup = join(folder(), "backup");
  await storage.backup(backup);
  return { storage, backup };
}
async function restored(from: string): Promise<Storage> {
  const to = join(folder(), "restored");
  restoreFolder({ from, to });
  expect(verifyFolder(to).findings).toEqual([]);
  return open(to);
}

describe("[P19] what was in the backup is in the restored folder", () => {
  test("events, lanes, claims, attempts, parked offsets and dead letters", async () => {
    const { storage, backup } = await backedUp();
    const copy = await restored(backup);
    for (const queue of ["store/acme", "store/other", "zone/north"])
      expect(await readAll(copy, queue)).toEqual(await readAll(storage, queue));
    expect(await copy.lanes(tenant, "outbox", ["store/acme"])).toEqual([40]);
    expect(await copy.claims(tenant, ["p7"])).toEqual(await storage.claims(tenant, ["p7"]));
    const [found, expected] = [await copy.subscription(main), await storage.subscription(main)];
    expect({ ...found, progress: 0 }).toEqual({ ...expected, progress: 0 });
    expect({ ...found?.progress, generation: 0 }).toEqual({ ...expected?.progress, generation: 0 });
    expect((await copy.deadLetters(main, 0, 10)).rows).toEqual((await storage.deadLetters(main, 0, 10)).rows);
    expect(await append(copy, [numbered(39, { id: "e20" }), numbered(41)])).toMatchObject([
      { outcome: "duplicate" },
      { outcome: "stored" },
    ]);
  });

  test("a data folder that was killed, with its log beside it, can be restored from, and is not changed", async () => {
    const path = folder();
    const storage = await open(path);
    await fill(storage);
    const killed = folder();
    for (const name of ["waybill.db", "waybill.db-wal"]) copyFileSync(join(path, name), join(killed, name));
    const before = listed(killed);
    expect(await readAll(await restored(killed), "store/acme")).toHaveLength(42);
    expect(listed(killed)).toEqual(before);
  });

  test("[P20] hub time goes on by the wall clock's gap, a day at most and never back, so retries keep their time", async () => {
    const path = folder();
    const storage = await openSqliteStorage({ path, ballastBytes: 0, wallMs: () => dayMs });
    const dueMs = dayMs + 3_600_000;
    const attempt = { offset: 1, key: "p1", failed: 1, interrupted: 0, dueMs, alone: false, stuck: false, redrive: 0, notes: [] };
    await append(storage, [byHub("e1")]);
    const progress = { generation: 1, cursor: 1, open: [[1, 1]] as const, offeredTo: 1, ackedTo: 0, paused: false };
    await writeProgress(storage, main, { progress, attempts: { put: [attempt], remove: [] } });
    await storage.close();
    for (const [wallMs, hubTimeMs] of [
      [dayMs + 60_000, dayMs + 60_000],
      [dayMs * 400, dayMs * 2],
      [5, dayMs],
    ] as const) {
      const to = join(folder(), "restored");
      restoreFolder({ from: path, to, wallMs });
      const copy = await open(to, wallMs);
      expect(copy.info.hubTimeMs).toBe(hubTimeMs);
      expect((await copy.subscription(main))?.attempts).toEqual([attempt]);
    }
  });
});

describe("nobody takes it for the other folder", () => {
  test("another storage id, and an epoch beyond all that the other gave out since", async () => {
    const { storage, backup } = await backedUp();
    const copy = await restored(backup);
    expect(copy.info.storageId).not.toBe(storage.info.storageId);
    expect(copy.info.epoch).toBeGreaterThan(storage.info.epoch + 1_000_000);
  });

  test("every subscription has another generation: those that were written, those that were not, and those that come later", async () => {
    const { backup } = await backedUp();
    const copy = await restored(backup);
    const generationOf = async (key: typeof main) => (await copy.subscription(key))?.progress.generation;
    const written = await generationOf(main);
    expect(written).toBeGreaterThan(1_000_000);
    expect(await generationOf(unwritten)).toBe(written);
    expect(await generationOf({ ...unwritten, queue: "store/not-yet" })).toBe(written);
    const made = await copy.createSubscription({ ...main, group: "audit" }, { start: "start", types: null, policy: "skip" });
    expect(made.progress.generation).toBe(written);
    await copy.setPolicy({ ...unwritten, queue: "zone/south" }, "skip");
    expect(await generationOf({ ...unwritten, queue: "zone/south" })).toBe(written);
  });

  test("what was reset before what was trimmed is still known as reset, and the restored folder as whole", async () => {
    const path = folder();
    const storage = await openSqliteStorage({ path, ballastBytes: 0, segmentEvents: 8 });
    for (const n of range(1, 40)) await append(storage, [byHub(`e${n}`)]);
    const settled = { generation: 1, cursor: 30, open: [], offeredTo: 30, ackedTo: 0, paused: false };
    await writeProgress(storage, main, { progress: settled });
    expect((await storage.trim({ beforeMs: Number.MAX_SAFE_INTEGER, queueEventsMax: 0 })).events).toBeGreaterThan(0);
    await writeProgress(storage, main, { progress: { ...settled, generation: 2, cursor: 3, offeredTo: 3 } });
    await storage.close();
    const to = join(folder(), "restored");
    const { generation } = restoreFolder({ from: path, to });
    expect(verifyFolder(to).findings).toEqual([]);
    const copy = await open(to);
    expect((await copy.subscription(main))?.progress).toMatchObject({ generation: generation + 1, cursor: 3 });
    await copy.close();
    // Of one that was never reset it would be a loss.
    change(to, (db) => db.prepare("UPDATE subscription SET generation = ?").run(generation));
    expect(verifyFolder(to).findings).toEqual([
      expect.objectContaining({ check: "progress", what: expect.stringContaining("offset 4 is not settled") }),
    ]);
  });

  test("of two restores of one backup the later is ahead of all that the earlier counted", async () => {
    const { backup } = await backedUp();
    const [first, second] = [join(folder(), "first"), join(folder(), "second")];
    const wallMs = Date.now();
    const earlier = restoreFolder({ from: backup, to: first, wallMs });
    for (const _ of range(1, 5)) await (await open(first)).close();
    const later = restoreFolder({ from: backup, to: second, wallMs: wallMs + 60_000 });
    expect(later.epoch).toBeGreaterThan((await open(first)).info.epoch);
    expect(later.generation).toBeGreaterThan(earlier.generation);
    expect(later.storageId).not.toBe(earlier.storageId);
  });

  test("also where the wall clock was set back, a restore of a restored folder is ahead of it", async () => {
    const { backup } = await backedUp();
    const [first, second] = [join(folder(), "first"), join(folder(), "second")];
    const { epoch, generation } = restoreFolder({ from: backup, to: first });
    const again = restoreFolder({ from: first, to: second, wallMs: 0 });
    expect(again).toMatchObject({ epoch: epoch + 1_000_000, generation: generation + 1_000_000 });
  });
});

describe("refused, and nothing is left behind", () => {
  test("a backup that is not whole, with what was found", async () => {
    const from = await filled();
    flip(from, "run", "place = 'default/store/acme' AND segment = 2");
    const to = join(folder(), "restored");
    expect(() => restoreFolder({ from, to })).toThrow(
      expect.objectContaining({
        code: "DATA_DAMAGED",
        issues: expect.arrayContaining([{ path: expect.stringMatching(/^checksum: default\/store\/acme/), message: expect.any(String) }]),
      }),
    );
    expect(existsSync(to)).toBe(false);
  });

  test("a folder that a hub holds, as source and as target", async () => {
    const { storage, backup } = await backedUp();
    const held = folder();
    await open(held);
    expect(() => restoreFolder({ from: held, to: folder() })).toThrow(expect.objectContaining({ code: "DATA_HELD" }));
    expect(() => restoreFolder({ from: backup, to: held })).toThrow(expect.objectContaining({ code: "DATA_HELD" }));
    expect((await append(storage, [byHub("next")]))[0]?.outcome).toBe("stored");
  });

  test("a target that holds something: a data folder, another's files, a file", async () => {
    const { backup } = await backedUp();
    const data = await filled();
    const other = folder();
    writeFileSync(join(other, "notes.txt"), "mine");
    const before = [...listed(data), ...listed(other)];
    for (const to of [data, other, join(other, "notes.txt")])
      expect(() => restoreFolder({ from: backup, to })).toThrow(expect.objectContaining({ code: "DATA_EXISTS" }));
    expect([...listed(data), ...listed(other)]).toEqual(before);
  });

  test("a target with half of a copy: by a restore, and by a hub that is started on it", async () => {
    const { backup } = await backedUp();
    const to = folder();
    mkdirSync(to, { recursive: true });
    writeFileSync(join(to, "waybill.db.part"), "half");
    expect(() => restoreFolder({ from: backup, to })).toThrow(expect.objectContaining({ code: "DATA_UNFINISHED" }));
    await expect(openSqliteStorage({ path: to })).rejects.toMatchObject({ code: "DATA_UNFINISHED" });
    expect(readdirSync(to)).toEqual(["waybill.db.part"]);
  });

  test("no data folder, a newer format, another program's database", async () => {
    const path = await filled();
    const to = join(folder(), "restored");
    expect(() => restoreFolder({ from: folder(), to })).toThrow(expect.objectContaining({ code: "STORAGE_FAILED" }));
    change(path, (db) => db.exec("PRAGMA user_version = 999"));
    expect(() => restoreFolder({ from: path, to })).toThrow(expect.objectContaining({ code: "DATA_TOO_NEW" }));
    change(path, (db) => db.exec("PRAGMA user_version = 1; PRAGMA application_id = 77"));
    expect(() => restoreFolder({ from: path, to })).toThrow(expect.objectContaining({ code: "DATA_DAMAGED" }));
    expect(existsSync(to)).toBe(false);
  });
});
