import { describe, expect, test } from "vitest";
import { stateOf } from "../src/engine.ts";
import { GAPS_MAX, tellGap } from "../src/gaps.ts";
import type { EngineEffect, Entry } from "../src/index.ts";
import { Desk, delivered, entry, only } from "./desk.ts";

const many = (count: number, key: (offset: number) => string): Entry[] =>
  Array.from({ length: count }, (_, index) => entry(index + 1, key(index + 1)));

/** As consumers hear of them. */
const told = (effects: readonly EngineEffect[]): unknown[] => only(effects, "gap").map(({ type: _type, ...gap }) => gap);

/** Offsets 1 to 6 of 9 were trimmed before anybody read them. */
function withGap(): Desk {
  const desk = new Desk();
  desk.backlog(...many(9, (offset) => `p${offset}`));
  desk.durable.trimmedTo = 6;
  return desk;
}

describe("a gap is told until it is confirmed", () => {
  test("[G2] it stays open, and whoever subscribes next is told it, before the first offer", () => {
    const desk = withGap();
    expect(told(desk.seat(1, { events: 1 }))).toEqual([{ from: 1, to: 6 }]);
    expect(desk.engine.view()).toMatchObject({ floor: 0, pending: 9 });
    expect(desk.durable.progress).toMatchObject({ open: [[1, 9]], cursor: 9 });
    const effects = desk.seat(2);
    expect(told(effects)).toEqual([{ from: 1, to: 6, consumer: 2 }]);
    expect(effects.findIndex(({ type }) => type === "gap")).toBeLessThan(effects.findIndex(({ type }) => type === "deliver"));
  });

  test("[G2] after a restart it is told again, by the same offsets, however often the hub dies", () => {
    const desk = withGap();
    desk.seat(1, { events: 1 });
    for (let round = 2; round < 5; round++) {
      desk.restart();
      const effects = desk.seat(round, { events: 1 });
      expect(told(effects)).toEqual([{ from: 1, to: 6 }]);
      expect(desk.engine.view()).toMatchObject({ floor: 0, pending: 9 });
    }
  });

  test("[G2] [G4] an ack that dies with the hub before its commit confirms nothing", () => {
    const desk = withGap();
    desk.seat(1, { events: 1 });
    desk.autoCommit = false;
    desk.ack(1, 7);
    desk.restart();
    desk.autoCommit = true;
    expect(told(desk.seat(2, { events: 1 }))).toEqual([{ from: 1, to: 6 }]);
    desk.settle(2, { gaps: [[1, 6]] });
    desk.restart();
    expect(told(desk.seat(3, { events: 1 }))).toEqual([]);
    expect(desk.engine.view().floor).toBe(6);
  });
});

describe("a gap is confirmed", () => {
  test("[G3] by the ack of an event that was offered after it was told", () => {
    const desk = withGap();
    desk.seat(1, { events: 1 });
    const effects = desk.ack(1, 7);
    expect(only(effects, "settled")).toContainEqual({ type: "settled", how: "gap", entries: [], count: 6, consumer: null });
    expect(desk.engine.view()).toMatchObject({ floor: 7, pending: 2 });
    expect(told(desk.seat(2))).toEqual([]);
    desk.restart();
    expect(told(desk.seat(3))).toEqual([]);
  });

  test("[G3] not by the ack of an event that was in hand already, nor by a failure", () => {
    const desk = new Desk({ windowEventsMax: 4, keyWaitingMax: 1 });
    desk.backlog(...many(9, (offset) => `p${offset}`));
    desk.seat(1, { events: 3 });
    expect(delivered(desk.effects)).toEqual([1, 2, 3]);
    desk.durable.trimmedTo = 8;
    // The gap is told when what comes next is read; 2, 3 and 4 are in hand since before.
    expect(told(desk.ack(1, 1))).toEqual([{ from: 5, to: 8 }]);
    expect(delivered(desk.effects)).toEqual([4]);
    for (const offset of [2, 3, 4]) desk.ack(1, offset);
    expect(told(desk.seat(2, { events: 0 }))).toEqual([{ from: 5, to: 8, consumer: 2 }]);
    desk.nack(1, 9);
    expect(told(desk.seat(3, { events: 0 }))).toEqual([{ from: 5, to: 8, consumer: 3 }]);
    desk.after(1_000);
    desk.ack(1, 9);
    expect(told(desk.seat(4))).toEqual([]);
    expect(desk.engine.view().pending).toBe(0);
  });

  test("[G3] by a late ack, over another connection of the same process", () => {
    const desk = withGap();
    desk.seat(1, { events: 1, instance: "same" });
    desk.run({ type: "disconnect", consumer: 1 });
    desk.seat(2, { events: 0, instance: "same" });
    desk.settle(2, { acks: desk.ranges(1, [7]) });
    expect(told(desk.seat(3))).toEqual([]);
  });

  test("[G3] by its offsets, under any epoch, also where nothing comes after it", () => {
    const desk = new Desk();
    desk.backlog(...many(3, () => "p1"));
    desk.durable.trimmedTo = 3;
    desk.seat(1);
    desk.settle(1, { gaps: [[1, 3]], epoch: 1 });
    expect(desk.engine.view()).toMatchObject({ floor: 3, pending: 0 });
    expect(desk.durable.progress.open).toEqual([]);
  });

  test("[G4] in parts; what was never told cannot be confirmed", () => {
    const desk = withGap();
    desk.seat(1, { events: 1 });
    desk.settle(1, { gaps: [[3, 4]] });
    expect(told(desk.seat(2, { events: 0 }))).toEqual([
      { from: 1, to: 2, consumer: 2 },
      { from: 5, to: 6, consumer: 2 },
    ]);
    expect(only(desk.settle(1, { gaps: [[3, 9]] }), "settled")).toMatchObject([{ how: "gap", count: 2 }]);
    expect(desk.engine.view()).toMatchObject({ floor: 0, pending: 5 });
  });
});

test("[G5] of more ranges than are kept, the earliest count as known", () => {
  const count = 2 * GAPS_MAX + 10;
  const desk = new Desk({ windowEventsMax: 10_000, windowBytesMax: 10_000_000, keyWaitingMax: 10_000 });
  desk.backlog(...many(count, (offset) => `p${offset}`));
  desk.seat(1, { events: count, bytes: 10_000_000 });
  desk.ack(1, ...delivered(desk.effects).filter((offset) => offset % 2 === 0));
  desk.durable.trimmedTo = count;
  desk.restart();
  desk.seat(2);
  const gaps = desk.engine.gaps(count + 1);
  expect(gaps).toHaveLength(GAPS_MAX);
  expect(gaps.at(-1)).toEqual([count - 1, count - 1]);
  expect(desk.engine.view()).toMatchObject({ floor: 10, pending: GAPS_MAX });
});

test("[G5] before that, neighbours become one", () => {
  const desk = new Desk();
  desk.backlog(...many(1, () => "p1"));
  const state = stateOf(desk.engine);
  for (let offset = 1; offset <= GAPS_MAX + 1; offset++) tellGap(state, offset, offset);
  expect(state.gaps).toEqual([{ from: 1, to: GAPS_MAX + 1, afterToken: 0 }]);
});

test("[G6] who asks is told what is trimmed and not confirmed, read or not", () => {
  const desk = new Desk({ windowEventsMax: 4, keyWaitingMax: 1 });
  desk.backlog(...many(9, (offset) => `p${offset}`));
  desk.seat(1, { events: 2 });
  desk.restart();
  desk.durable.trimmedTo = 7;
  expect(desk.engine.gaps(8)).toEqual([
    [1, 4],
    [5, 7],
  ]);
  desk.seat(2, { events: 1 });
  expect(desk.engine.gaps(8)).toEqual([
    [1, 4],
    [5, 7],
  ]);
  desk.settle(2, { gaps: [[1, 7]] });
  expect(desk.engine.gaps(8)).toEqual([]);
});

test("[G7] what is known to be trimmed is told and can be confirmed at once, by a consumer without room as well", () => {
  const desk = new Desk({ windowEventsMax: 4, keyWaitingMax: 1 });
  desk.backlog(...many(9, (offset) => `p${offset}`));
  desk.seat(1, { events: 2 });
  desk.restart();
  desk.durable.trimmedTo = 7;
  const effects = desk.run({ type: "trimmed", firstKept: 8 });
  expect(told(effects)).toEqual([
    { from: 1, to: 4 },
    { from: 5, to: 7 },
  ]);
  desk.run({ type: "trimmed", firstKept: 8 });
  expect(told(desk.effects)).toEqual([]);
  expect(told(desk.seat(2, { events: 0 }))).toHaveLength(2);
  desk.settle(2, { gaps: [[1, 7]] });
  expect(desk.engine.view()).toMatchObject({ floor: 7, cursor: 7, pending: 2 });
});

test("[G7] what a read under way still has of it is not offered", () => {
  const desk = new Desk();
  desk.backlog(...many(9, (offset) => `p${offset}`));
  const out: EngineEffect[] = [];
  desk.engine.apply(
    [{ type: "subscribe", consumer: 1, instance: "i", by: "v", mode: "frames", credit: { events: 9, bytes: 9_000 } }],
    desk,
    out,
  );
  const [read] = only(out, "read");
  if (read === undefined) throw new Error("Nothing is read.");
  const answer = desk.durable.read(read);
  expect(told(desk.run({ type: "trimmed", firstKept: 5 }))).toEqual([{ from: 1, to: 4 }]);
  expect(delivered(desk.run(answer))).toEqual([5, 6, 7, 8, 9]);
});
