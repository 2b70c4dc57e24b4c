import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { tenant, writeProgress } from "../../../test/conformance/items.ts";
import { change, fill, filled, folder, main } from "../../../test/filled-folder.ts";
import { openSqliteStorage, verifyFolder } from "../../index.ts";

const found = (path: string): string[] => verifyFolder(path).findings.map(({ check, where, what }) => `${check}: ${where}: ${what}`);

describe("a whole folder", () => {
  test.each([{ segmentEvents: 24 }, { segmentEvents: 10_000 }])("is found whole, and counted (%o)", async (options) => {
    const path = await filled(options);
    const { findings, counts, format, epoch, readAs } = verifyFolder(path);
    expect(findings).toEqual([]);
    expect({ format, epoch, readAs }).toEqual({ format: 3, epoch: 1, readAs: "in place" });
    expect(counts).toMatchObject({
      queues: 3,
      events: 42 + 20 + 8,
      lanes: 1,
      copies: 8,
      subscriptions: 1,
      attempts: 1,
      parked: 2,
      deadLetters: 1,
      claims: 1,
    });
    expect(counts.segments > 0).toBe(options.segmentEvents === 24);
  });

  test("is found whole after a trim, and after a redaction", async () => {
    const path = folder();
    const storage = await openSqliteStorage({ path, ballastBytes: 0, segmentEvents: 24 });
    await fill(storage);
    await writeProgress(
      storage,
      { ...main, queue: "zone/north" },
      { progress: { generation: 1, cursor: 2, open: [], offeredTo: 2, ackedTo: 0, paused: false } },
    );
    await storage.redact(tenant, "store/acme", 30, Buffer.from("{}"));
    expect((await storage.trim({ beforeMs: Number.MAX_SAFE_INTEGER, queueEventsMax: 0 })).events).toBeGreaterThan(0);
    await storage.close();
    expect(found(path)).toEqual([]);
  });

  test("with its log beside it, as after a kill, is read without changing either", async () => {
    const path = folder();
    const storage = await openSqliteStorage({ path, ballastBytes: 0 });
    await fill(storage);
    const copy = folder();
    mkdirSync(copy, { recursive: true });
    for (const name of ["waybill.db", "waybill.db-wal"]) copyFileSync(join(path, name), join(copy, name));
    await storage.close();
    const hashes = () =>
      readdirSync(copy).map((name) => [
        name,
        createHash("sha1")
          .update(readFileSync(join(copy, name)))
          .digest("hex"),
      ]);
    const before = hashes();
    const report = verifyFolder(copy);
    expect(report.findings).toEqual([]);
    expect(report.counts.events).toBe(70);
    expect(hashes()).toEqual(before);
  });

  test("that was never written is whole and empty", () => {
    const path = folder();
    change(path, (db) => db.exec("PRAGMA user_version = 0"));
    const { findings, counts, storageId, readAs } = verifyFolder(path);
    expect({ findings, events: counts.events, storageId, readAs }).toEqual({ findings: [], events: 0, storageId: null, readAs: "a copy" });
    expect(existsSync(join(path, "waybill.db-wal"))).toBe(false);
  });
});

describe("refused", () => {
  test("a folder that a hub holds", async () => {
    const path = folder();
    const storage = await openSqliteStorage({ path, ballastBytes: 0 });
    onTestFinished(() => storage.close());
    expect(() => verifyFolder(path)).toThrow(expect.objectContaining({ code: "DATA_HELD" }));
  });

  test("a newer format, another program's database, and no data folder at all", async () => {
    const path = await filled();
    change(path, (db) => db.exec("PRAGMA user_version = 999"));
    expect(() => verifyFolder(path)).toThrow(expect.objectContaining({ code: "DATA_TOO_NEW" }));
    const other = folder();
    change(other, (db) => db.exec("PRAGMA application_id = 77; CREATE TABLE theirs (a)"));
    expect(() => verifyFolder(other)).toThrow(expect.objectContaining({ code: "DATA_DAMAGED" }));
    expect(() => verifyFolder(folder())).toThrow(expect.objectContaining({ code: "STORAGE_FAILED" }));
  });
});
