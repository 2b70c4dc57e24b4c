import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { renderLine, type Who } from "./render-line.ts";

const at = new Date(2026, 4, 4, 8, 15, 30);
const shown = (who: Who, line: Record<string, unknown>) => {
  const text = renderLine(who, line, at);
  return text === null ? null : stripVTControlCharacters(text);
};
const delivery = {
  queue: "store/a",
  offset: 7,
  attempt: 1,
  outcome: "acked",
  event: { type: "delivered", parcel: "P-1", store: "a", at: "2026-05-04T08:15:29Z" },
};

test.each<[Who, Record<string, unknown>, string]>([
  [
    "hub",
    { msg: "ready", url: "http://127.0.0.1:3000", dataDir: "./data" },
    "08:15:30 hub      listens on http://127.0.0.1:3000, events in ./data",
  ],
  ["hub", { msg: "left", role: "driver", subject: "ada", why: "transport close" }, "08:15:30 hub      driver ada left: transport close"],
  [
    "shops",
    { what: "ready", parcel: "P-1", store: "a", zone: "north", outcome: "stored" },
    "08:15:30 shops    P-1 of a waits for a driver in north",
  ],
  [
    "drivers",
    { what: "told", driver: "ada", type: "pickup", parcel: "P-1", store: "a", outcome: "stored", offset: 3 },
    "08:15:30 drivers  ada pickup P-1 → store/a #3",
  ],
  [
    "drivers",
    { what: "told", driver: "ada", type: "pickup", parcel: "P-1", store: "a", outcome: "outbox", offset: null },
    "08:15:30 drivers  ada pickup P-1 (in the outbox)",
  ],
  ["drivers", { what: "online", driver: "ada", pending: 2 }, "08:15:30 drivers  ada is online, 2 in the outbox"],
  ["stores", delivery, "08:15:30 stores   a got #7 delivered P-1, told at 08:15:29"],
  [
    "stores",
    { ...delivery, attempt: 2, outcome: "failed" },
    "08:15:30 stores   a got #7 delivered P-1, told at 08:15:29, attempt 2 (failed)",
  ],
])("%s: %j", (who, line, text) => {
  expect(shown(who, line)).toBe(text);
});

test("what others tell already is not told by the hub, but what is wrong always is", () => {
  expect(shown("hub", { msg: "stored", level: "info", type: "pickup" })).toBeNull();
  expect(shown("hub", { msg: "disk full", level: "error" })).toBe("08:15:30 hub      disk full");
});

test("strangers' text cannot steer the terminal", () => {
  const text = renderLine("drivers", { what: "message", driver: "ada", parcel: "P-1", text: "\u001b[2Jgone\nline" }, at) ?? "";
  expect(text).toContain("gone line");
  expect(text).not.toContain("\u001b[2J");
});
