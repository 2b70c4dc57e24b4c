/** What a data folder must survive besides kills: a second holder, a newer program, damage, a full disk. */
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSqliteStorage, type SqliteStorageOptions, type Storage } from "../src/index.ts";
import { append, byHub, everything, numbered, outcomesOf, range, readAll, tenant, writeProgress } from "./conformance/items.ts";
import { newFolder, removeFolder } from "./sqlite-folder.ts";

const main = { tenant, queue: "store/acme", group: "main" };
const settledTo = (cursor: number) => ({ generation: 1, cursor, open: [], offeredTo: 0, ackedTo: 0, paused: false });
const databaseOf = (path: string): string => join(path, "waybill.db");

function folder(): string {
  const path = newFolder();
  onTestFinished(() => removeFolder(path));
  return path;
}
async function open(path: string, options: Omit<SqliteStorageOptions, "path"> = {}): Promise<Storage> {
  const storage = await openSqliteStorage({ path, ballastBytes: 0, ...options });
  onTestFinished(() => storage.close());
  return storage;
}

describe("one holder", () => {
  test("a second opening in this process is refused, and the first goes on", async () => {
    const path = folder();
    const storage = await open(path);
    await expect(openSqliteStorage({ path })).rejects.toMatchObject({ code: "DATA_HELD" });
    expect(outcomesOf(await append(storage, [byHub("e1")]))).toEqual(["stored"]);
  });

  test("another process is refused while this one holds, holds when it does not, and its death lets go", async () => {
    const path = folder();
    const script = fileURLToPath(new URL("./crash-child.ts", import.meta.url));
    const storage = await open(path);
    const refused = spawnSync(process.execPath, [script, path], { encoding: "utf8" });
    expect(refused.stderr).toContain("DATA_HELD");
    expect(refused.stdout).toBe("");
    expect(storage.info.epoch).toBe(1);
    await storage.close();

    const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "ignore"] });
    await new Promise((said) => child.stdout.once("data", said));
    await expect(openSqliteStorage({ path })).rejects.toMatchObject({ code: "DATA_HELD" });
    const died = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await died;
    expect((await open(path)).info.epoch).toBe(3);
  });
});

describe("formats", () => {
  test("a newer format is refused and not touched", async () => {
    const path = folder();
    await (await open(path)).close();
    const db = new DatabaseSync(databaseOf(path));
    db.exec("PRAGMA user_version = 999");
    db.close();
    await expect(openSqliteStorage({ path })).rejects.toMatchObject({ code: "DATA_TOO_NEW" });
    const after = new DatabaseSync(databaseOf(path));
    expect(after.prepare("SELECT value FROM meta WHERE name = 'epoch'").get()).toEqual({ value: 1 });
    after.close();
  });

  test("a newer format that was killed keeps its log, byte by byte, and nothing is left beside it", async () => {
    const path = folder();
    const storage = await open(path);
    await append(storage, [byHub("e1")]);
    const newer = folder();
    for (const name of ["waybill.db", "waybill.db-wal"]) copyFileSync(join(path, name), join(newer, name));
    const db = new DatabaseSync(databaseOf(newer));
    // While it is read elsewhere, what is written stays in the log.
    const reader = new DatabaseSync(databaseOf(newer));
    reader.prepare("SELECT count(*) FROM meta").get();
    db.exec("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 999");
    const killed = folder();
    for (const name of ["waybill.db", "waybill.db-wal"]) copyFileSync(join(newer, name), join(killed, name));
    db.close();
    reader.close();
    const content = () => ["waybill.db", "waybill.db-wal"].map((name) => readFileSync(join(killed, name)).toString("base64"));
    const before = content();
    await expect(openSqliteStorage({ path: killed })).rejects.toMatchObject({ code: "DATA_TOO_NEW" });
    expect(content()).toEqual(before);
    expect(readdirSync(killed).sort()).toEqual(["lock.db", "waybill.db", "waybill.db-wal"]);
  });

  test("another program's database is refused", async () => {
    const path = folder();
    const db = new DatabaseSync(databaseOf(path));
    db.exec("PRAGMA application_id = 77; CREATE TABLE theirs (a)");
    db.close();
    await expect(openSqliteStorage({ path })).rejects.toMatchObject({ code: "DATA_DAMAGED" });
  });
});

describe("[P12] damage", () => {
  /** One bit, changed in the middle of the one row that is named. */
  async function damaged(table: "run" | "tail", where: string): Promise<string> {
    const path = folder();
    const storage = await open(path, { segmentEvents: 16 });
    for (const n of range(1, 20)) await append(storage, [byHub(`e${n}`), byHub(`f${n}`, { home: "store/other" })]);
    await storage.close();
    const db = new DatabaseSync(databaseOf(path));
    const found = db.prepare(`SELECT blob FROM ${table} WHERE ${where}`).get()?.blob;
    if (!(found instanceof Uint8Array)) throw new Error(`no such row in ${table}`);
    const middle = Math.floor(found.length / 2);
    found[middle] = (found[middle] ?? 0) ^ 4;
    expect(db.prepare(`UPDATE ${table} SET blob = ? WHERE ${where}`).run(found).changes).toBe(1);
    db.close();
    return path;
  }

  test("a damaged run is never served; what is not in it is, and so are other queues", async () => {
    const path = await damaged("run", "place = 'default/store/acme' AND first_offset = 1");
    const storage = await open(path, { segmentEvents: 16 });
    await expect(storage.read(tenant, "store/acme", 1, everything)).rejects.toMatchObject({ code: "DATA_DAMAGED" });
    expect((await readAll(storage, "store/acme", 9)).map(({ offset }) => offset)).toEqual(range(9, 20));
    expect((await readAll(storage, "store/other")).length).toBe(20);
    expect(outcomesOf(await append(storage, [byHub("next")]))).toEqual(["stored"]);
  });

  test.each([
    ["a run that is gone", "DELETE FROM run WHERE place = 'default/store/acme' AND first_offset = 9"],
    ["a run under another name", "UPDATE run SET first_offset = 8 WHERE place = 'default/store/acme' AND first_offset = 9"],
    ["a row that says that some of it was trimmed", "UPDATE queue SET first_kept = 9 WHERE place = 'default/store/acme'"],
    ["a row that says that it ends before", "UPDATE queue SET head = 12 WHERE place = 'default/store/acme'"],
    ["a row that does not agree with itself", "UPDATE queue SET head = 3 WHERE place = 'default/store/acme'"],
  ])("%s: never a hole that nobody is told of; other queues go on", async (_, sql) => {
    const path = folder();
    const storage = await open(path, { segmentEvents: 16 });
    for (const n of range(1, 40)) await append(storage, [byHub(`e${n}`), byHub(`f${n}`, { home: "store/other" })]);
    await storage.close();
    const db = new DatabaseSync(databaseOf(path));
    expect(db.prepare(sql).run().changes).toBe(1);
    db.close();
    const again = await open(path, { segmentEvents: 16 });
    await expect(readAll(again, "store/acme")).rejects.toMatchObject({
      code: "DATA_DAMAGED",
      message: expect.stringContaining("default/store/acme"),
    });
    expect((await readAll(again, "store/other")).length).toBe(40);
  });

  test("a single event that should be there is refused, not said to be trimmed", async () => {
    const path = folder();
    const storage = await open(path, { segmentEvents: 16 });
    for (const n of range(1, 40)) await append(storage, [byHub(`e${n}`), byHub(`f${n}`, { home: "store/other" })]);
    await storage.close();
    const db = new DatabaseSync(databaseOf(path));
    db.exec("DELETE FROM run WHERE place = 'default/store/acme' AND first_offset = 9");
    db.close();
    const again = await open(path, { segmentEvents: 16 });
    await expect(again.readOffsets(tenant, "store/acme", [10])).rejects.toMatchObject({ code: "DATA_DAMAGED" });
    expect((await again.readOffsets(tenant, "store/acme", [8, 17])).map(({ offset }) => offset)).toEqual([8, 17]);
  });

  test("a commit that is gone from the tail is missed at the start", async () => {
    const path = folder();
    const storage = await open(path);
    for (const n of range(1, 9)) await append(storage, [byHub(`e${n}`, { home: `store/s${n}` })]);
    await storage.close();
    const db = new DatabaseSync(databaseOf(path));
    db.exec("DELETE FROM tail WHERE seq = 5");
    db.close();
    await expect(openSqliteStorage({ path, ballastBytes: 0 })).rejects.toMatchObject({
      code: "DATA_DAMAGED",
      message: expect.stringContaining("Commit 5 is missing"),
    });
  });

  test("a damaged tail is found at the start", async () => {
    const path = await damaged("tail", "seq = (SELECT max(seq) FROM tail)");
    await expect(openSqliteStorage({ path, ballastBytes: 0 })).rejects.toMatchObject({ code: "DATA_DAMAGED" });
  });
});

describe("full disk", () => {
  const large = "x".repeat(4_000);
  async function fill(storage: Storage): Promise<{ stored: number; code: string }> {
    for (let stored = 0; ; stored += 10) {
      try {
        await append(
          storage,
          range(1, 10).map((n) => numbered(stored + n, { body: large })),
        );
      } catch (error) {
        return { stored, code: error instanceof Error && "code" in error ? String(error.code) : String(error) };
      }
    }
  }

  test("[P1] [P2] what was refused is not there, what was confirmed is; trimming makes room without a restart", async () => {
    const path = folder();
    const storage = await open(path, { fileBytesMax: 2_000_000, segmentEvents: 32 });
    const { stored, code } = await fill(storage);
    expect(code).toBe("STORAGE_FULL");
    expect(stored).toBeGreaterThan(100);
    expect((await readAll(storage, "store/acme")).map(({ number }) => number)).toEqual(range(1, stored));
    expect(await storage.lanes(tenant, "outbox", ["store/acme"])).toEqual([stored]);
    await writeProgress(storage, main, { progress: settledTo(stored) });
    expect((await storage.trim({ beforeMs: Number.MAX_SAFE_INTEGER, queueEventsMax: 0 })).events).toBeGreaterThan(0);
    expect(await append(storage, [numbered(stored + 1, { body: large })])).toEqual([
      expect.objectContaining({ outcome: "stored", offset: stored + 1 }),
    ]);
    await storage.close();
    const again = await open(path, { segmentEvents: 32 });
    expect((await again.read(tenant, "store/acme", 1, everything)).head).toBe(stored + 1);
  });

  const mount = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"], { encoding: "utf8" });
  const cannotMount = mount.status === 0 ? "" : `no private mount here: ${mount.error?.message ?? mount.stderr.trim()}`;
  if (cannotMount !== "") process.stdout.write(`full disk on a small tmpfs: skipped, ${cannotMount}\n`);

  test.skipIf(cannotMount !== "")(
    "[P1] on a disk that is really full the ballast lets progress and trimming go on, and publishes go on with them",
    () => {
      const path = folder();
      mkdirSync(path, { recursive: true });
      const script = fileURLToPath(new URL("./full-disk-child.ts", import.meta.url));
      const command = `mount -t tmpfs -o size=48m tmpfs "${path}" && exec "${process.execPath}" "${script}" "${path}"`;
      const { stdout, stderr, status } = spawnSync("unshare", ["-m", "sh", "-c", command], { encoding: "utf8" });
      expect(stderr).toBe("");
      expect(status).toBe(0);
      const told = JSON.parse(stdout);
      expect(told).toMatchObject({
        code: "STORAGE_FULL",
        isBallastReleased: true,
        progressWhileFull: true,
        codeWhileFull: "STORAGE_FULL",
        backupWhileFull: "STORAGE_FULL",
        leftOfBackup: [],
        goesOn: "stored",
        isBallastBack: true,
      });
      expect(told.stored).toBeGreaterThan(1_000);
      expect(told.readBack).toBe(told.stored);
    },
  );
});

describe("the rest of the folder", () => {
  test("[P19] a backup of a running storage opens as a data folder of its own", async () => {
    const storage = await open(folder(), { segmentEvents: 16 });
    for (const n of range(1, 30)) await append(storage, [numbered(n), byHub(`f${n}`, { home: "store/other" })]);
    await writeProgress(storage, main, { progress: settledTo(12) });
    const target = join(folder(), "copy");
    const writing = Promise.all(range(31, 60).map((n) => append(storage, [numbered(n)])));
    const made = await storage.backup(target);
    await writing;
    const copyBytes = statSync(join(target, "waybill.db")).size;
    await expect(storage.backup(target)).rejects.toMatchObject({ code: "DATA_EXISTS" });
    const copy = await open(target);
    const kept = (await readAll(copy, "store/acme")).length;
    expect(kept).toBeGreaterThanOrEqual(30);
    expect(made).toEqual({ events: kept + 30, bytes: copyBytes });
    expect(await copy.lanes(tenant, "outbox", ["store/acme"])).toEqual([kept]);
    expect((await copy.subscription(main))?.progress.cursor).toBe(12);
    expect(outcomesOf(await append(copy, [numbered(kept), numbered(kept + 1)]))).toEqual(["duplicate", "stored"]);
    expect(copy.info.storageId).toBe(storage.info.storageId);
    expect(readdirSync(target)).not.toContain("waybill.db.part");
  });

  test("[P20] a wall clock that jumped counts for a day at most, and never backwards", async () => {
    const path = folder();
    const at = async (wallMs: number): Promise<number> => {
      const storage = await openSqliteStorage({ path, ballastBytes: 0, wallMs: () => wallMs });
      await storage.close();
      return storage.info.hubTimeMs;
    };
    const dayMs = 86_400_000;
    expect(await at(dayMs)).toBe(dayMs);
    expect(await at(dayMs + 5_000)).toBe(dayMs + 5_000);
    expect(await at(dayMs * 400)).toBe(dayMs * 2 + 5_000);
    expect(await at(dayMs)).toBe(dayMs * 2 + 5_000);
    expect(await at(dayMs + 7)).toBe(dayMs * 2 + 5_007);
  });

  test("[P20] hub time is on disk as soon as the folder is open: a hub that dies young comes back in no earlier hour", async () => {
    const path = folder();
    await open(path, { wallMs: () => 5_000_000 });
    const db = new DatabaseSync(databaseOf(path), { readOnly: true });
    expect(db.prepare("SELECT value FROM meta WHERE name = 'hub_time_ms'").get()).toMatchObject({ value: 5_000_000 });
    db.close();
  });

  test("the ballast is there, and a damaged lock file harms nothing", async () => {
    const path = folder();
    const storage = await open(path, { ballastBytes: 1_500_000 });
    await append(storage, [byHub("e1")]);
    await storage.close();
    expect(readFileSync(join(path, "ballast")).length).toBe(1_500_000);
    writeFileSync(join(path, "lock.db"), "");
    expect((await (await open(path)).stats()).events).toBe(1);
    expect(existsSync(join(path, "ballast"))).toBe(true);
  });
});
