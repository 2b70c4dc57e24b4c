import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { numbered, plain, range, voidOf } from "../../../test/conformance/items.ts";
import { encodeBatch } from "../codec/batch-codec.ts";
import { runEventsMax } from "../codec/run-codec.ts";
import { migrate } from "../migrate.ts";
import { Behind } from "./behind.ts";
import { Sealer } from "./sealer.ts";
import { openState, type State } from "./state.ts";
import { WrittenRows } from "./written-rows.ts";

const sliceEvents = 1_024;

function open(segmentEvents: number): { db: DatabaseSync; state: State } {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  return { db, state: openState(db, { segmentEvents, segmentBytes: 1_000_000_000, queueEventsMax: 1_000_000 }) };
}

/** Commits so many events of one lane at once, from this number on. */
function append({ appender }: State, from: number, count: number, body = "small"): void {
  const items = Array.from({ length: count }, (_, i) => numbered(from + i, { body }));
  appender.append(encodeBatch(items), 1_000);
}

function sealedEvents(db: DatabaseSync): number {
  return Number(db.prepare("SELECT ifnull(sum(last_offset - first_offset + 1), 0) AS n FROM run").get()?.n);
}

/** How many events each slice sealed. */
function slices(db: DatabaseSync, state: State, written = state.written): number[] {
  state.appender.closeSegment();
  const [segment] = state.index.segments;
  if (segment === undefined) throw new Error("nothing to seal");
  const found: number[] = [];
  let before = 0;
  const note = (): void => {
    found.push(sealedEvents(db) - before);
    before += found.at(-1) ?? 0;
  };
  for (const _ of new Sealer(db, written).seal(segment, 10)) note();
  note();
  return found;
}

test("a segment that is all one queue's is sealed in slices: no commit waits for the whole of it", () => {
  const { db, state } = open(100_000);
  for (let i = 0; i < 10; i++) append(state, i * 500 + 1, 500);
  const found = slices(db, state);
  expect(found.reduce((sum, events) => sum + events)).toBe(5_000);
  expect(Math.max(...found)).toBeLessThan(sliceEvents + runEventsMax);
});

test("a slice of long events ends by its bytes", () => {
  const { db, state } = open(100_000);
  for (let i = 0; i < 4; i++) append(state, i * 100 + 1, 100, "x".repeat(16_000));
  expect(Math.max(...slices(db, state))).toBeLessThan(100);
});

test("a slice of queues with an event each ends by its runs: each is four statements", () => {
  const { db, state } = open(100_000);
  const items = range(1, 1_000).map((n) => numbered(1, { home: `store/s${n}` }));
  state.appender.append(encodeBatch(items), 1_000);
  const found = slices(db, state);
  expect(found.reduce((sum, events) => sum + events)).toBe(1_000);
  expect(Math.max(...found)).toBeLessThanOrEqual(256);
});

test("ids of plain events are kept in slices: of each subject the last ones, in their order", () => {
  const { db, state } = open(100_000);
  for (let i = 0; i < 40; i++) {
    const ids = range(i * 200, i * 200 + 199);
    state.appender.append(encodeBatch(ids.map((n) => plain(`e${n}`, n % 2 === 0 ? {} : { subject: "driver:8" }))), 1_000);
  }
  const withoutEvents = slices(db, state).filter((events) => events === 0);
  expect(withoutEvents.length).toBeGreaterThanOrEqual(6);
  const kept = db
    .prepare("SELECT subject, group_concat(id) AS ids FROM (SELECT * FROM plain_id ORDER BY subject, seq, fact) GROUP BY subject")
    .all();
  const lastOf = (first: number): string =>
    range(0, 9)
      .map((n) => `e${first + n * 2}`)
      .join();
  expect(kept.map(({ ids }) => ids)).toEqual(expect.arrayContaining([lastOf(7_980), lastOf(7_981)]));
  expect(kept.length).toBe(2);
});

test("rows that were written since the start are sealed from memory, to the same runs as from the file", () => {
  const runs = (isFromFile: boolean): unknown => {
    const { db, state } = open(100_000);
    for (let i = 0; i < 4; i++) append(state, i * 300 + 1, 300);
    state.appender.append(encodeBatch([voidOf(1_201), numbered(1_202, { copies: [{ queue: "zone/north" }] })]), 2_000);
    if (!isFromFile) db.exec("UPDATE tail SET blob = x'00'");
    slices(db, state, isFromFile ? new WrittenRows() : state.written);
    return db.prepare("SELECT * FROM run ORDER BY place, first_offset").all();
  };
  expect(runs(false)).toEqual(runs(true));
});

test("sealing is late when it is not as far as twice what the next segment holds, and done when that is half full", () => {
  const { db, state } = open(10_000);
  const behind = new Behind(db, state);
  append(state, 1, 10_000);
  append(state, 10_001, 100);
  expect(behind.isLate, "nothing is sealed, and 2 % have to be").toBe(true);
  behind.step();
  expect(behind.isLate, "one slice is a tenth").toBe(false);
  append(state, 10_101, 4_000);
  let steps = 0;
  for (; behind.isLate; steps++) behind.step();
  expect(steps).toBeGreaterThan(4);
  expect(sealedEvents(db)).toBeGreaterThan(8_000);
  expect(sealedEvents(db), "no more than it has to").toBeLessThan(8_200 + sliceEvents + runEventsMax);
  append(state, 14_101, 1_000);
  while (behind.isLate) behind.step();
  expect(sealedEvents(db)).toBe(10_000);
  expect(state.index.segments.length).toBe(1);
});
