import { expect, test } from "vitest";
import { createRateWindow } from "./rate-window.ts";

const noteMany = (window: ReturnType<typeof createRateWindow<"stored" | "settled">>, count: number, nowMs: number) =>
  Array.from({ length: count }, () => window.note("stored", nowMs));

test("up to the limit each note is a line, and there is no summary", () => {
  const window = createRateWindow<"stored" | "settled">({ linesPerSecondMax: 50 });
  expect(noteMany(window, 50, 1_000).every(({ lines }) => lines === 1)).toBe(true);
  expect(window.tick(2_000)).toBeNull();
});

test("the note after the limit is counted, and the second ends with one summary of all of it", () => {
  const window = createRateWindow<"stored" | "settled">({ linesPerSecondMax: 50 });
  noteMany(window, 50, 1_000);
  expect(window.note("settled", 1_999)).toEqual({ lines: 0, summary: null });
  expect(window.tick(1_999)).toBeNull();
  expect(window.tick(2_000)).toEqual({ stored: 50, settled: 1 });
  expect(window.tick(3_000)).toBeNull();
});

test("a busy second is followed by counting, from its first note on", () => {
  const window = createRateWindow<"stored" | "settled">({ linesPerSecondMax: 50 });
  noteMany(window, 51, 1_000);
  expect(window.note("stored", 2_000)).toEqual({ lines: 0, summary: { stored: 51 } });
});

test("after a calm second lines are back", () => {
  const window = createRateWindow<"stored" | "settled">({ linesPerSecondMax: 50 });
  noteMany(window, 51, 1_000);
  noteMany(window, 2, 2_000);
  expect(window.note("stored", 3_000)).toEqual({ lines: 1, summary: { stored: 2 } });
});

test("a clock that goes back keeps the window it is in", () => {
  const window = createRateWindow<"stored" | "settled">({ linesPerSecondMax: 1 });
  window.note("stored", 5_000);
  expect(window.note("stored", 4_000)).toEqual({ lines: 0, summary: null });
});

test("many at once are lines up to the limit, and counted whole", () => {
  const window = createRateWindow<"stored" | "settled">({ linesPerSecondMax: 50 });
  expect(window.note("stored", 1_000, 20)).toEqual({ lines: 20, summary: null });
  expect(window.note("settled", 1_000, 40)).toEqual({ lines: 30, summary: null });
  expect(window.note("stored", 1_000, 5)).toEqual({ lines: 0, summary: null });
  expect(window.tick(2_000)).toEqual({ stored: 25, settled: 40 });
});
