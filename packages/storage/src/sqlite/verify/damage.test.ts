import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { change, filled, flip, rewriteRun } from "../../../test/filled-folder.ts";
import { verifyFolder } from "../../index.ts";
import { encodeDirectory } from "../shared/directory.ts";

const acmeRun = "place = 'default/store/acme' AND segment = 2";
const found = (path: string): string[] => verifyFolder(path).findings.map(({ check, where, what }) => `${check}: ${where}: ${what}`);

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
    change(path, (db) => {
      const entries = encodeDirectory([
        { segment: 2, first: 1 },
        { segment: 2, first: 2 },
      ]);
      db.prepare("UPDATE queue SET directory = ? WHERE place = 'default/store/other'").run(entries);
    });
    expect(found(path)).toContainEqual("offsets: default/store/other, directory: segment 2 follows segment 2");
  });

  test("segments' times that go back", async () => {
    const path = await filled();
    change(path, (db) => db.exec("UPDATE segment SET first_ms = 1 WHERE id = 2"));
    expect(found(path)).toContainEqual(expect.stringMatching(/^time: segment 2/));
  });

  test.each([
    [
      "a generation of before a restore",
      "INSERT INTO meta VALUES ('generation', 1000001)",
      /generation is 1, of before the restore that began with 1000001/,
    ],
    ["a cursor beyond the queue's end", "UPDATE subscription SET cursor = 99", /cursor is at 99, beyond the queue's end at 42/],
    ["open ranges out of order", "UPDATE subscription SET open = '[[20,20],[12,14]]'", /open range 12 to 14 is out of order/],
    ["an open range beyond the cursor", "UPDATE subscription SET open = '[[12,14],[31,31]]'", /offset 31 is open, beyond its cursor at 30/],
    ["a wrong count of open events", "UPDATE subscription SET open_count = 7", /says that 7 events are open, and 4 are/],
    ["attempts of what is settled", "UPDATE attempt SET offset = 16", /attempts of offset 16, which is settled/],
    ["parked offsets out of order", "UPDATE parked SET offsets = '[21,20]'", /parked offsets of p1 from 21 on are out of order/],
    ["an offset that is parked and open", "UPDATE parked SET offsets = '[20,24]', first = 20", /offset 20 is parked and open/],
    ["a wrong count of parked offsets", "UPDATE subscription SET parked_count = 5", /says that 5 offsets are parked, and 2 are/],
    ["offers beyond the queue's end", "UPDATE subscription SET offered_to = 99", /offered events up to 99/],
    ["attempts beyond the queue's end", "UPDATE attempt SET offset = 99", /attempts of offset 99, beyond the queue's end/],
    ["parked offsets that are miscounted", "UPDATE parked SET count = 3", /are 2, and 3 are counted/],
    ["parked offsets beyond the cursor", "UPDATE parked SET offsets = '[21,31]'", /offset 31 is parked, beyond its cursor at 30/],
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
      "repeats",
      "an id that was stored twice",
      "UPDATE plain_id SET id = 'p1' WHERE id = 'p2'",
      /^repeats: ids of default\/driver:7: p1 was stored twice/,
    ],
    [
      "lanes",
      "a lane that names another's event",
      "UPDATE lane SET last_offset = 41",
      /^lanes: .*its row names offset 41 as its latest event/,
    ],
    [
      "progress",
      "what main never settled is trimmed",
      "UPDATE queue SET first_kept = 9 WHERE place = 'default/store/other'",
      /^progress: default\/store\/other, group main: it has settled nothing/,
    ],
    [
      "segments",
      "segments whose commits are out of order",
      "UPDATE segment SET last_seq = 1 WHERE id = 2",
      /^segments: segment 2: it ends with commit 1/,
    ],
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

  test("a commit that is in the tail twice: its lane, its plain id, the hub's event and its time", async () => {
    const path = await filled({ segmentEvents: 10_000 });
    change(path, (db) => db.exec("INSERT INTO tail SELECT (SELECT max(seq) FROM tail) + 1, segment, blob FROM tail WHERE seq = 5"));
    const all = found(path).join("\n");
    expect(all).toMatch(/^lanes: default\/store\/acme, lane of outbox, commit 23 of the tail: number 9 follows number 40/m);
    expect(all).toMatch(/^repeats: commit 23 of the tail: default\/driver:7 published p5 before, and it was stored again/m);
    expect(all).toMatch(/^repeats: default\/store\/other, offset 5 \(commit 23 of the tail\): the hub's event h5 is there before/m);
    expect(all).toMatch(/^time: commit 23 of the tail: recorded at \d+, after \d+/m);
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
