import { describe, expect, test } from "vitest";
import { formatZonedTime, parseLocalTime } from "./local-time.ts";
import { parseParcelRow } from "./parcel-row.ts";

const row = {
  parcel_id: "o1-1",
  store_id: "acme-widgets",
  status: "delivered",
  purchased_at: "2018-05-28T23:06:44",
  carrier_pickup_at: "2018-05-29T15:38:00",
  delivered_at: "2018-06-05T23:04:57",
};
const typesOf = (changes: Partial<typeof row>) => parseParcelRow({ ...row, ...changes }, "-03:00").events.map(({ event }) => event.type);

test("a delivered parcel: pickup, a minute later in-transit, then delivered, each in the file's zone", () => {
  const { fromMs, events } = parseParcelRow(row, "-03:00");
  expect(fromMs).toBe(Date.parse("2018-05-29T02:06:44Z"));
  expect(events.map(({ event }) => [event.type, event.at])).toEqual([
    ["pickup", "2018-05-29T15:38:00-03:00"],
    ["in-transit", "2018-05-29T15:39:00-03:00"],
    ["delivered", "2018-06-05T23:04:57-03:00"],
  ]);
  expect(events[0]).toEqual({
    ms: Date.parse("2018-05-29T18:38:00Z"),
    event: { type: "pickup", parcel: "o1-1", store: "acme-widgets", at: "2018-05-29T15:38:00-03:00" },
  });
});

describe("what did not happen is not told", () => {
  test("not picked up", () => expect(typesOf({ carrier_pickup_at: "", delivered_at: "" })).toEqual([]));
  test("not delivered", () => expect(typesOf({ delivered_at: "" })).toEqual(["pickup", "in-transit"]));
  test("cancelled: its end is the store's", () => expect(typesOf({ status: "canceled" })).toEqual(["pickup", "in-transit"]));
});

describe("a bad row says where and why", () => {
  const reason = (changes: object) => () => parseParcelRow({ ...row, ...changes }, "-03:00");
  test("a store's id", () => expect(reason({ store_id: "Not A Store" })).toThrow(/^store_id: /));
  test("a missing column", () => expect(reason({ parcel_id: undefined })).toThrow(/^parcel_id: /));
  test("a time", () => expect(reason({ delivered_at: "yesterday" })).toThrow('delivered_at: "yesterday" is not a time'));
  test("a day that is in no calendar", () => expect(reason({ delivered_at: "2018-13-40T00:00:00" })).toThrow("delivered_at"));
});

test("without the column purchased_at nothing is known of the file's order; an empty one says nothing", () => {
  expect(parseParcelRow({ ...row, purchased_at: undefined }, "-03:00").fromMs).toBe(Number.POSITIVE_INFINITY);
  expect(parseParcelRow({ ...row, purchased_at: "" }, "-03:00").fromMs).toBe(Number.NEGATIVE_INFINITY);
});

describe("times", () => {
  test.each([
    ["2018-01-01T00:00:00", "2018-01-01T00:00:00+05:30"],
    ["2018-01-01 00:00", "2018-01-01T00:00:00+05:30"],
    ["2018-01-01T00:00:00.250Z", "2018-01-01T00:00:00Z"],
    ["2018-01-01T00:00:00-02:00", "2018-01-01T00:00:00-02:00"],
  ])("%s keeps its zone, or gets the file's", (text, told) => {
    expect(formatZonedTime(parseLocalTime(text, "+05:30")!)).toBe(told);
  });
  test("anything else is not a time", () => expect(parseLocalTime("1/2/2018 3:04", "Z")).toBeNull());
});
