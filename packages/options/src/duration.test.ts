import { expect, test } from "vitest";
import { readDuration, writeDuration } from "./duration.ts";

test.each([
  ["250ms", 250],
  ["30s", 30_000],
  ["1.5m", 90_000],
  ["2h", 7_200_000],
  ["30d", 2_592_000_000],
  ["40", 40],
])("%s is %d ms", (text, durationMs) => {
  expect(readDuration(text)).toBe(durationMs);
});

test.each(["", "s", "5 parsecs", "-5s", "1e3"])("%j is no duration", (text) => {
  expect(readDuration(text)).toBeUndefined();
});

test.each([
  [300_000, "5m"],
  [2_592_000_000, "30d"],
  [90_000, "90s"],
  [1, "1ms"],
  [0, "0ms"],
])("%d ms is written %s", (durationMs, text) => {
  expect(writeDuration(durationMs)).toBe(text);
});
