import { readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test as plainTest } from "vitest";
import { numbered, tenant } from "../../../test/conformance/items.ts";
import { newFolder, removeFolder } from "../../../test/sqlite-folder.ts";
import { encodeBatch, placeOf } from "../codec/batch-codec.ts";
import { runBytesMax } from "../codec/run-codec.ts";
import { Sealer } from "../committer/sealer.ts";
import { openState, type State } from "../committer/state.ts";
import { openSide, openWriter } from "../database.ts";
import { migrate } from "../migrate.ts";
import { Runs } from "./runs.ts";

const counters = "/proc/thread-self/io";
const cannotCount = bytesRead() === null ? `no ${counters} here, which counts what was read` : "";
if (cannotCount !== "") process.stdout.write(`what a look for a run reads: skipped, ${cannotCount}\n`);
const test = plainTest.skipIf(cannotCount !== "");

/** Of all that this thread ever read, from the page cache as well. */
function bytesRead(): number | null {
  try {
    return Number(/^rchar: (\d+)$/m.exec(readFileSync(counters, "latin1"))?.[1]);
  } catch {
    return null;
  }
}

const queues = 60;
const cacheBytes = 65_536;
const nameOf = (i: number): string => `store/s${String(i).padStart(2, "0")}`;
const placeAt = (i: number): string => placeOf(tenant, nameOf(i));

function seal(db: DatabaseSync, { index, appender, written }: State): void {
  appender.closeSegment();
  for (const segment of index.segments) for (const _ of new Sealer(db, written).seal(segment, 10));
}

/** Sixty queues with four runs each, and a connection that has none of them in its memory. */
function manyRuns(): DatabaseSync {
  const folder = newFolder();
  const write = openWriter(folder, cacheBytes);
  migrate(write);
  const state = openState(write, { segmentEvents: 100_000, segmentBytes: 1_000_000_000, queueEventsMax: 1_000_000 });
  write.exec("BEGIN");
  for (let i = 0; i < queues; i++) {
    const items = Array.from({ length: 32 }, (_, n) => numbered(n + 1, { home: nameOf(i), body: "x".repeat(16_000) }));
    state.appender.append(encodeBatch(items), 1_000);
  }
  seal(write, state);
  write.exec("COMMIT");
  write.close();
  const db = openSide(folder, cacheBytes);
  onTestFinished(() => {
    db.close();
    removeFolder(folder);
  });
  return db;
}

const readBy = (work: () => unknown): number => {
  const before = bytesRead() ?? 0;
  work();
  return (bytesRead() ?? 0) - before;
};

test("a look for one run reads that run, and of no other more than its key", () => {
  const db = manyRuns();
  const runs = new Runs(db);
  expect(db.prepare("SELECT count(*) AS n FROM run").get()).toEqual({ n: queues * 4 });
  for (const i of [1, 30, 58]) {
    expect(runs.findIn(1, placeAt(i), 20)?.run.first).toBe(19);
    expect(readBy(() => runs.findIn(1, placeAt(i), 20))).toBeLessThan(2 * runBytesMax);
  }
});

test("a new run is put behind the others without reading them", () => {
  const db = manyRuns();
  const put = db.prepare("INSERT INTO run VALUES (?, ?, ?, ?, ?)");
  expect(readBy(() => put.run(1, placeAt(queues), 1, 1, new Uint8Array(8)))).toBeLessThan(runBytesMax);
  expect(readBy(() => put.run(1, placeAt(30), 1_000, 1_001, new Uint8Array(8)))).toBeLessThan(runBytesMax);
});
