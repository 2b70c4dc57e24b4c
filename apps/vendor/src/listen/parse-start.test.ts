import { expect, test } from "vitest";
import { parseStart } from "./parse-start.ts";

test.each([
  ["start", "start"],
  ["end", "end"],
  ["offset:17", { offset: 17 }],
  ["2026-03-01T08:00:00+01:00", { at: "2026-03-01T08:00:00+01:00" }],
  ["2026-03-01T08:00:00Z", { at: "2026-03-01T08:00:00Z" }],
])("%s", (text, start) => {
  expect(parseStart(text)).toEqual(start);
});

test.each(["", "begin", "offset:0", "offset:x", "17", "2026-03-01", "2026-03-01T08:00:00"])(
  "%j is refused, and the message says what would do",
  (text) => {
    expect(() => parseStart(text)).toThrow("offset:N");
  },
);
