import { DatabaseSync } from "node:sqlite";
import type { Progress, ProgressWrite } from "@waybill/queue";
import { expect, test } from "vitest";
import { CommitReader, encodeCommit } from "../codec/commit-codec.ts";
import { migrate } from "../migrate.ts";
import { Events } from "../shared/events.ts";
import { TailIndex } from "../shared/tail-index.ts";
import { ProgressRows } from "./progress.ts";

const nothing = { put: [], remove: [] };
const at: Progress = { generation: 1, cursor: 0, open: [], offeredTo: 0, ackedTo: 0, paused: false };

function write(queue: string, progress: Partial<Progress>, rest: Partial<ProgressWrite> = {}, group = "main") {
  const all = { progress: { ...at, ...progress }, attempts: nothing, parked: nothing, dead: nothing, ...rest };
  return { key: { tenant: "t", queue, group }, epoch: 1, write: all };
}

function rowsOf() {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  const rows = new ProgressRows(db, new Events(db, new TailIndex()));
  const columns = "place, grp, generation, cursor, open, open_count, open_first, offered_to, acked_to, paused";
  return {
    /** As it goes from one thread to the other. */
    apply: (...writes: ReturnType<typeof write>[]) => {
      const commit = new CommitReader(encodeCommit({ nowMs: 0, items: [], progress: writes }));
      for (let row = commit.nextProgress(); row !== null; row = commit.nextProgress()) rows.apply(row);
    },
    stored: () =>
      db
        .prepare(`SELECT ${columns} FROM subscription ORDER BY place, grp`)
        .all()
        .map((row) => Object.values(row)),
    attempts: () => db.prepare("SELECT place, grp, offset, failed FROM attempt").all().map(Object.values),
  };
}

test("each write of a commit lands in its own row, each value in its own column", () => {
  const { apply, stored } = rowsOf();
  const open: [number, number][] = [
    [5, 6],
    [9, 9],
  ];
  apply(
    write("store/a", { generation: 2, cursor: 10, open, offeredTo: 8, ackedTo: 7, paused: true }),
    write("store/b", { cursor: 3, offeredTo: 3, ackedTo: 2 }),
  );
  expect(stored()).toEqual([
    ["t/store/a", "main", 2, 10, "[[5,6],[9,9]]", 3, 5, 8, 7, 1],
    ["t/store/b", "main", 1, 3, "[]", 0, 0, 3, 2, 0],
  ]);
  apply(write("store/b", { cursor: 4, open: [[4, 4]] }), write("store/a", { generation: 2, cursor: 11, offeredTo: 11, ackedTo: 11 }));
  expect(stored()).toEqual([
    ["t/store/a", "main", 2, 11, "[]", 0, 0, 11, 11, 0],
    ["t/store/b", "main", 1, 4, "[[4,4]]", 1, 4, 0, 0, 0],
  ]);
});

test("what few writes have beside it goes to those, and of a group that is gone nothing is written", () => {
  const { apply, stored, attempts } = rowsOf();
  const row = { offset: 1, key: "p", failed: 0, interrupted: 0, dueMs: 0, alone: false, stuck: false, redrive: 0, notes: [] };
  const failed = (count: number) => ({ attempts: { put: [{ ...row, failed: count }], remove: [] } });
  apply(
    write("store/a", { cursor: 1 }),
    write("store/b", { cursor: 1 }, failed(2)),
    write("store/b", { cursor: 1 }, failed(3), "gone"),
    write("store/c", { cursor: 1, open: [[1, 1]] }, failed(4), "gone"),
    write("store/d", { cursor: 1 }, failed(5)),
  );
  expect(stored().map(([place]) => place)).toEqual(["t/store/a", "t/store/b", "t/store/d"]);
  expect(attempts()).toEqual([
    ["t/store/b", "main", 1, 2],
    ["t/store/d", "main", 1, 5],
  ]);
});
