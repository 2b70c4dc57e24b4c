import { DatabaseSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
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
function slices(db: DatabaseSync, state: State, written = state.written, ended = (): void => {}): number[] {
  state.appender.closeSegment();
  const [segment] = state.index.segments;
  if (segment === undefined) throw new Error("nothing to seal");
  const found: number[] = [];
  let before = 0;
  const note = (): void => {
    found.push(sealedEvents(db) - before);
    before += found.at(-1) ?? 0;
    ended();
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

test("what is done before the first run is done in slices as well: names are sorted, and rows with many names are read", () => {
  const { db, state } = open(100_000);
  for (let i = 0; i < 20; i++) {
    const items = range(1, 1_000).map((n) => numbered(1, { home: `store/s${n}-${i}` }));
    state.appender.append(encodeBatch(items), 1_000);
  }
  const rowsRead: number[] = [];
  const get = vi.spyOn(state.written, "get");
  const found = slices(db, state, state.written, () => {
    rowsRead.push(get.mock.calls.length);
    get.mockClear();
  });
  const before = found.findIndex((events) => events > 0);
  expect(before, "names, then rows").toBeGreaterThan(10);
  expect(Math.max(...rowsRead), "of a thousand names each").toBeLessThan(10);
  expect(found.reduce((sum, events) => sum + events)).toBe(20_000);
  const places = db
    .prepare("SELECT place FROM run ORDER BY rowid")
    .all()
    .map(({ place }) => place);
  expect(places, "in the order of their names").toEqual([...places].sort());
});

test("a segment is sealed while the next one fills from a sixteenth to seven eighths, and sealing that is not as far is late", () => {
  const { db, state } = open(10_000);
  const behind = new Behind(db, state);
  append(state, 1, 10_000);
  append(state, 10_001, 500);
  expect(behind.isLate, "there is time before it has to begin").toBe(false);
  append(state, 10_501, 500);
  expect(behind.isLate, "nothing is sealed, and 4 % have to be").toBe(true);
  behind.step();
  expect(behind.isLate, "one slice is a tenth").toBe(false);
  append(state, 11_001, 4_000);
  let steps = 0;
  for (; behind.isLate; steps++) behind.step();
  expect(steps).toBeGreaterThan(3);
  expect(sealedEvents(db)).toBeGreaterThan(5_300);
  expect(sealedEvents(db), "no more than it has to").toBeLessThan(5_400 + sliceEvents + runEventsMax);
  append(state, 15_001, 3_750);
  while (behind.isLate) behind.step();
  expect(sealedEvents(db)).toBe(10_000);
});

test("sealing that is not late leaves two thirds of the time to those who commit, and when it is late it does not rest", () => {
  const { db, state } = open(10_000);
  const behind = new Behind(db, state);
  append(state, 1, 10_000);
  append(state, 10_001, 100);
  let nowMs = 1_000;
  let lookMs = 0;
  using _ = vi.spyOn(performance, "now").mockImplementation(() => (nowMs += lookMs));
  /** One that takes five milliseconds. */
  const slice = (): void => {
    lookMs = 5;
    behind.step();
    lookMs = 0;
  };
  expect(behind.hasWork).toBe(true);
  slice();
  expect(behind.hasWork, "nobody has anything to do").toBe(true);
  behind.committed();
  slice();
  expect(behind.hasWork).toBe(false);
  expect(behind.restMs).toBe(10);
  nowMs += 10;
  expect(behind.hasWork).toBe(true);
  expect(behind.restMs).toBe(0);
  behind.committed();
  slice();
  expect(behind.hasWork).toBe(false);
  append(state, 10_101, 5_000);
  expect(behind.isLate).toBe(true);
  expect(behind.hasWork).toBe(true);
});

test("an errand that was begun as the next thing to do is done, though sealing has rested meanwhile", () => {
  const { db, state } = open(10_000);
  const behind = new Behind(db, state);
  append(state, 1, 10_000);
  append(state, 10_001, 100);
  behind.step();
  behind.add({ id: 7, call: { method: "trim", beforeMs: 0, queueEventsMax: 1_000_000 } });
  const before = sealedEvents(db);
  using _ = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 60_000);
  expect(behind.isNextSealing).toBe(true);
  for (let step = null; step === null; ) step = behind.step(7);
  expect(sealedEvents(db)).toBe(before);
});
