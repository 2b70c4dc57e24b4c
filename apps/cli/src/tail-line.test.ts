import type { PeekedEvent } from "@waybill/client";
import { expect, test } from "vitest";
import { createTailLines, localTime } from "./tail-line.ts";

const event = (fields: Partial<PeekedEvent>): PeekedEvent => ({
  queue: "store/acme",
  offset: 7,
  id: "e7",
  type: "pickup",
  parcel: "1Z-204",
  producer: "pr-6f1c",
  number: 3,
  homeOffset: 7,
  recordedAtMs: new Date(2026, 10, 26, 9, 5, 3, 42).getTime(),
  event: {},
  ...fields,
});

test("columns grow with what they hold, and stay", () => {
  const line = createTailLines();
  expect(line(event({}), undefined)).toBe("09:05:03.042  store/acme              7  pickup          1Z-204   pr-6f1c");
  const long = line(event({ queue: "store/the-corner-shop-of-novo-hamburgo", offset: 123_456 }), undefined);
  expect(long).toContain("store/the-corner-shop-of-novo-hamburgo  123456  pickup");
  expect(line(event({}), undefined).indexOf("pickup")).toBe(long.indexOf("pickup"));
});

test("a line is cut where the terminal ends, and steers no terminal", () => {
  const line = createTailLines()(event({ producer: "pr\u001b[2J" }), 78);
  expect(line.length).toBeLessThanOrEqual(78);
  expect(line).not.toContain("\u001b");
  expect(createTailLines()(event({}), 40)).toBe("09:05:03.042  store/acme              7…");
});

test("times are those of the user's own clock", () => {
  expect(localTime(new Date(2026, 0, 1, 23, 59, 59, 7).getTime())).toBe("23:59:59.007");
});
