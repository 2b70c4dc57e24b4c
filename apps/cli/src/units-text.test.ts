import { expect, test } from "vitest";
import { bytesText, rateText, spanText } from "./units-text.ts";

test.each([
  [0, "0 B"],
  [812, "812 B"],
  [4_200_000, "4.2 MB"],
  [31_400_000_000, "31 GB"],
  [9_990_000_000_000_000, "9990 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, "0 s"],
  [41_900, "41 s"],
  [7_380_000, "2 h 3 min"],
  [3_600_000, "1 h"],
  [3 * 86_400_000 + 4 * 3_600_000, "3 d 4 h"],
])("%d ms are %s", (ms, text) => {
  expect(spanText(ms)).toBe(text);
});

test("rates have a decimal as long as it says something", () => {
  expect([0, 0.25, 12.5, 1_204.4].map(rateText)).toEqual(["0", "0.3", "12.5", "1,204"]);
});
