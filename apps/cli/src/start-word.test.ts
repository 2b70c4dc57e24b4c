import { UsageError } from "@waybill/options";
import { expect, test } from "vitest";
import { parseStart } from "./start-word.ts";

test("start, end, an offset, a time", () => {
  expect(["start", "end", "17", "2026-05-01T09:30:00+02:00"].map(parseStart)).toEqual([
    "start",
    "end",
    { offset: 17 },
    { at: "2026-05-01T09:30:00+02:00" },
  ]);
});

test.each(["", "0", "-3", "1.5", "begin", "2026-05-01", "2026-05-01T09:30:00"])("%s is none of them", (word) => {
  expect(() => parseStart(word)).toThrow(UsageError);
});
