import { createHash } from "node:crypto";
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { append, byHub, numbered, plain, range, tenant, voidOf, writeProgress } from "../../../test/conformance/items.ts";
import { newFolder, removeFolder } from "../../../test/sqlite-folder.ts";
import { openSqliteStorage, type Storage, verifyFolder } from "../../index.ts";
import { bufferOf } from "../codec/bytes.ts";
import { Run, RunWriter } from "../codec/run-codec.ts";
import { encodeDirectory } from "../shared/directory.ts";

const main = { tenant, queue: "store/acme", group: "main" };
const body = (id: string): string => JSON.stringify({ id, store: "acme" });

function folder(): string {
  const path = newFolder();
  onTestFinished(() => removeFolder(path));
  return path;
}

/** A bit of everything: lanes with voids, plain ids, copies, a claim, progress of every kind; some sealed, some not. */
async function fill(storage: Storage): Promise<void> {
  for (const n of range(1, 20)) {
    const id = `e${n}`;
    const items = [
      numbered(n * 2 - 1, { id, body: body(id), copies: n % 3 === 0 ? [{ queue: "zone/north" }] : [] }),
      voidOf(n * 2),
      plain(`p${n}`, { body: body(`p${n}`) }),
      byHub(`h${n}`, { home: "store/other" }),
    ];
    await append(storage, items);
  }
  const ready = { id: "ready-1", type: "ready", parcel: "p7", body: body("ready-1") };
  const free = { state: "free" as const, epoch: 1, store: "acme", zone: "north", sinceMs: 1 };
  await append(storage, [byHub("ready-1", { ...ready, copies: [{ queue: "zone/north" }], claim: { expectEpoch: 0, next: free } })]);
  const [{ claim: held, readyOffset } = { claim: free, readyOffset: 0 }] = await storage.claims(tenant, ["p7"]);
  const copy = { id: "ready-1", type: "ready", homeOffset: readyOffset, body: Buffer.from(body("ready-1")) };
  const again = { expectEpoch: held.epoch, next: { ...free, epoch: 2 } };
  await append(storage, [
    byHub("released-1", { type: "released", parcel: "p7", copies: [{ queue: "zone/north", event: copy }], claim: again }),
  ]);
  await writeProgress(storage, main, {
    progress: {
      generation: 1,
      cursor: 30,
      open: [
        [12, 14],
        [20, 20],
      ],
      offeredTo: 30,
      paused: false,
    },
    parked: { put: [{ key: "p1", first: 21, offsets: [21, 24] }], remove: [] },
    attempts: {
      put: [{ offset: 12, key: "p1", failed: 1, interrupted: 0, dueMs: 1, alone: false, stuck: true, redrive: 0, notes: [] }],
      remove: [],
    },
    dead: { put: [{ offset: 15, key: "p1", type: "x", buriedAtMs: 1, redrive: 0, notes: [], ref: new Uint8Array([1]) }], remove: [] },
  });
}

async function filled(options: { segmentEvents?: number } = {}): Promise<string> {
  const path = folder();
  const storage = await openSqliteStorage({ path, ballastBytes: 0, segmentEvents: 24, ...options });
  await fill(storage);
  await storage.close();
  return path;
}

/** Changes a closed folder by hand. */
function change(path: string, work: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(join(path, "waybill.db"));
  work(db);
  db.close();
}

function blobOf(db: DatabaseSync, table: "run" | "tail", where: string): Buffer {
  const found = db.prepare(`SELECT blob FROM ${table} WHERE ${where}`).get()?.blob;
  if (!(found instanceof Uint8Array)) throw new Error(`no such row in ${table}`);
  return bufferOf(found);
}

function flip(path: string, table: "run" | "tail", where: string): void {
  change(path, (db) => {
    const found = blobOf(db, table, where);
    const middle = Math.floor(found.length / 2);
    found[middle] = (found[middle] ?? 0) ^ 4;
    db.prepare(`UPDATE ${table} SET blob = ? WHERE ${where}`).run(found);
  });
}

/** Writes a run of its own again, its events as `edit` makes them; its checksum fits. */
function rewriteRun(path: string, where: string, edit: (run: Run, writer: RunWriter) => void): void {
  change(path, (db) => {
    const run = new Run(blobOf(db, "run", where));
    const writer = new RunWriter();
    writer.start(run.first);
    edit(run, writer);
    db.prepare(`UPDATE run SET blob = ?, last_offset = ? WHERE ${where}`).run(writer.finish(), run.first + writer.count - 1);
  });
}
const acmeRun = "place = 'default/store/acme' AND segment = 2";
const found = (path: string): string[] => verifyFolder(path).findings.map(({ check, where, what }) => `${check}: ${where}: ${what}`);

describe("a whole folder", () => {
  test.each([{ segmentEvents: 24 }, { segmentEvents: 10_000 }])("is found whole, and counted (%o)", async (options) => {
    const path = await filled(options);
    const { findings, counts, format, epoch, readAs } = verifyFolder(path);
    expect(findings).toEqual([]);
    expect({ format, epoch, readAs }).toEqual({ format: 1, epoch: 1, readAs: "in place" });
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
      { progress: { generation: 1, cursor: 2, open: [], offeredTo: 2, paused: false } },
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

describe("damage is found, and its place is told", () => {
  test("a flipped bit in a row of the tail", async () => {
    const path = await filled();
    flip(path, "tail", "seq = (SELECT max(seq) - 1 FROM tail)");
    expect(found(path).join("\n")).toMatch(/checksum: commit 2\d of the tail: .*does not read as it was written/);
  });

  test("a flipped bit in a run", async () => {
    const path = await filled();
    flip(path, "run", acmeRun);
    expect(found(path)).toContainEqual(expect.stringMatching(/^checksum: default\/store\/acme, run \d+ of segment 2: A run of/));
  });

  test("a hole in the offsets: a run that is gone", async () => {
    const path = await filled();
    change(path, (db) => db.exec(`DELETE FROM run WHERE ${acmeRun}`));
    expect(found(path)).toContainEqual(
      expect.stringMatching(/^offsets: default\/store\/acme, offset \d+ \(commit \d+ of the tail\): offsets \d+ to \d+ are missing/),
    );
    expect(found(path)).toContainEqual(expect.stringMatching(/^segments: segment 2: it counts \d+ events, and \d+ were found/));
  });

  test("a commit that is gone from the tail", async () => {
    const path = await filled({ segmentEvents: 10_000 });
    change(path, (db) => db.exec("DELETE FROM tail WHERE seq = 9"));
    expect(found(path)).toContainEqual("offsets: commit 10 of the tail: it follows commit 8: 1 are missing");
    expect(found(path)).toContainEqual(
      expect.stringMatching(/^lanes: default\/store\/acme, lane of outbox, commit 10 .*number 19 follows number 16/),
    );
  });

  test("an event that is there twice", async () => {
    const path = await filled();
    rewriteRun(path, acmeRun, (run, writer) => {
      let isDoubled = false;
      run.forEach("store/acme", { from: run.first, to: run.last }, (event) => {
        writer.add(event);
        if (!isDoubled && event.event.number > 0) writer.add(event);
        isDoubled ||= event.event.number > 0;
      });
    });
    expect(found(path)).toContainEqual(
      expect.stringMatching(/^repeats: default\/store\/acme, offset \d+ \(run .* follows number \d+ at offset/),
    );
    expect(found(path)).toContainEqual(expect.stringMatching(/^offsets: .*is there already/));
  });

  test("an event of a lane in another's place", async () => {
    const path = await filled();
    rewriteRun(path, acmeRun, (run, writer) => {
      run.forEach("store/acme", { from: run.first, to: run.last }, (event) =>
        writer.add({ ...event, event: { ...event.event, producer: event.event.number > 0 ? "stranger" : event.event.producer } }),
      );
    });
    expect(found(path).join("\n")).toMatch(/lanes: default\/store\/acme, offset \d+ .*names offset \d+ as the one before it/);
  });

  test("a copy of something else, and one that is gone", async () => {
    const path = await filled();
    rewriteRun(path, "place = 'default/zone/north' AND first_offset = 1", (run, writer) => {
      run.forEach("zone/north", { from: run.first, to: run.last }, (event) =>
        writer.add({ ...event, event: { ...event.event, id: "other" } }),
      );
    });
    expect(found(path)).toContainEqual(expect.stringMatching(/^copies: default\/zone\/north, offset 1 .*it is other, and should be e3/));
    change(path, (db) => db.exec("DELETE FROM run WHERE place = 'default/zone/north' AND first_offset = 1"));
    expect(found(path)).toContainEqual(
      expect.stringMatching(/^copies: default\/store\/acme, offset \d+ .*it names offset 1 of default\/zone\/north/),
    );
  });

  test("a copy whose home event is gone", async () => {
    const path = await filled();
    change(path, (db) => db.exec(`DELETE FROM run WHERE ${acmeRun}`));
    expect(found(path)).toContainEqual(
      expect.stringMatching(/^copies: default\/zone\/north, offset \d+ .*no event at home says that e\d+ was copied here/),
    );
  });

  test("an event that was recorded before the one before it", async () => {
    const path = await filled();
    rewriteRun(path, acmeRun, (run, writer) => {
      run.forEach("store/acme", { from: run.first, to: run.last }, (event) =>
        writer.add({ ...event, event: { ...event.event, recordedAtMs: 9_000_000_000_000 } }),
      );
    });
    expect(found(path)).toContainEqual(expect.stringMatching(/^time: default\/store\/acme, offset \d+ .*after 9000000000000/));
  });

  test("a run that is not where the directory says", async () => {
    const path = await filled();
    change(path, (db) => {
      const entries = encodeDirectory([
        { segment: 1, first: 1 },
        { segment: 2, first: 2 },
      ]);
      db.prepare("UPDATE queue SET directory = ? WHERE place = 'default/store/other'").run(entries);
    });
    expect(found(path)).toContainEqual(expect.stringMatching(/^offsets: default\/store\/other, run \d+ of segment 2: the directory says/));
  });

  test("segments' times that go back", async () => {
    const path = await filled();
    change(path, (db) => db.exec("UPDATE segment SET first_ms = 1 WHERE id = 2"));
    expect(found(path)).toContainEqual(expect.stringMatching(/^time: segment 2/));
  });

  test.each([
    ["a cursor beyond the queue's end", "UPDATE subscription SET cursor = 99", /cursor is at 99, beyond the queue's end at 42/],
    ["open ranges out of order", "UPDATE subscription SET open = '[[20,20],[12,14]]'", /open range 12 to 14 is out of order/],
    ["an open range beyond the cursor", "UPDATE subscription SET open = '[[12,14],[31,31]]'", /offset 31 is open, beyond its cursor at 30/],
    ["a wrong count of open events", "UPDATE subscription SET open_count = 7", /says that 7 events are open, and 4 are/],
    ["attempts of what is settled", "UPDATE attempt SET offset = 16", /attempts of offset 16, which is settled/],
    ["parked offsets out of order", "UPDATE parked SET offsets = '[21,20]'", /parked offsets of p1 from 21 on are out of order/],
    ["an offset that is parked and open", "UPDATE parked SET offsets = '[20,24]', first = 20", /offset 20 is parked and open/],
    ["a wrong count of parked offsets", "UPDATE subscription SET parked_count = 5", /says that 5 offsets are parked, and 2 are/],
    ["a dead letter beyond the cursor", "UPDATE dead SET offset = 31", /dead letter 31 is beyond its cursor at 30/],
    [
      "what main needs is trimmed",
      "UPDATE queue SET first_kept = 13 WHERE place = 'default/store/acme'",
      /offset 12 is not settled, and was trimmed/,
    ],
  ])("progress: %s", async (_, sql, expected) => {
    const path = await filled();
    change(path, (db) => db.exec(sql));
    expect(
      found(path)
        .filter((line) => line.startsWith("progress: default/store/acme, group main"))
        .join("\n"),
    ).toMatch(expected);
  });

  test.each([
    [
      "claims",
      "a claim of another parcel's offset",
      "UPDATE claim SET ready_offset = 3",
      /^claims: .*offset 3 .*it is of parcel p1, and should be of p7/,
    ],
    [
      "claims",
      "a claim of no offset",
      "UPDATE claim SET pool_offset = 77",
      /^claims: claim of parcel p7: it names offset 77 of default\/zone\/north/,
    ],
    [
      "lanes",
      "a lane ahead of its events",
      "UPDATE lane SET number = 99",
      /^lanes: default\/store\/acme, lane of outbox: number 99 is sealed/,
    ],
    [
      "lanes",
      "a lane behind its events",
      "UPDATE lane SET number = 3, last_offset = 3",
      /^lanes: .* its row says number 3 at offset 3, and number \d+ is sealed/,
    ],
    ["repeats", "an id that was stored elsewhere", "UPDATE plain_id SET offset = 4 WHERE id = 'p1'", /^repeats: .*offset 4 .*should be p1/],
    [
      "offsets",
      "a queue's row behind its runs",
      "UPDATE queue SET head = 2 WHERE place = 'default/store/acme'",
      /^offsets: default\/store\/acme: its row says that 2/,
    ],
    [
      "segments",
      "a run that no directory names",
      "UPDATE queue SET directory = x'' WHERE place = 'default/store/other'",
      /^segments: segment 1: it counts/,
    ],
  ])("%s: %s", async (_, __, sql, expected) => {
    const path = await filled();
    change(path, (db) => db.exec(sql));
    expect(found(path).join("\n")).toMatch(new RegExp(expected.source, "m"));
  });

  test("a page that SQLite itself refuses", async () => {
    const path = await filled();
    let page = 0;
    change(path, (db) => {
      page = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'claim_free'").get()?.rootpage);
    });
    const file = openSync(join(path, "waybill.db"), "r+");
    writeSync(file, Buffer.alloc(8_192), 0, 8_192, (page - 1) * 8_192);
    closeSync(file);
    expect(found(path)).toContainEqual(expect.stringMatching(/^sqlite: waybill.db: /));
  });
});
