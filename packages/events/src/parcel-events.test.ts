import { describe, expect, test } from "vitest";
import { fullestData, makeEvent, smallestData } from "../test/make-event.ts";
import { type EventType, eventData, eventTypes, isEventType, parcelEventSchema, positionSchema, publishers } from "./parcel-events.ts";

/** One payload per rule that it breaks, with the path of the issue. */
const bad: Record<EventType, [data: Record<string, unknown>, path: string][]> = {
  ready: [
    [{}, "data.zone"],
    [{ zone: "North" }, "data.zone"],
    [{ zone: "n", items: 0 }, "data.items"],
    [{ zone: "n", address: "" }, "data.address"],
  ],
  claimed: [
    [{ driver: "dana" }, "data.zone"],
    [{ driver: "__proto__", zone: "n" }, "data.driver"],
  ],
  released: [
    [{ zone: "n" }, "data.driver"],
    [{ driver: "d", zone: "n", reason: "x".repeat(513) }, "data.reason"],
  ],
  pickup: [
    [{ lat: 91 }, "data.lat"],
    [{ lng: -181 }, "data.lng"],
    [{ items: 1.5 }, "data.items"],
    [{ note: "x".repeat(1_025) }, "data.note"],
  ],
  "in-transit": [
    [{ etaAt: "tomorrow" }, "data.etaAt"],
    [{ etaAt: "2026-05-01T12:00:00" }, "data.etaAt"],
    [{ lat: "52" }, "data.lat"],
  ],
  delivered: [
    [{ receivedBy: 7 }, "data.receivedBy"],
    [{ proof: "x".repeat(129) }, "data.proof"],
    [{ extra: { a: {} } }, "data.extra.a"],
  ],
  "attempt-failed": [
    [{ action: "retry" }, "data.reason"],
    [{ reason: "rain", action: "retry" }, "data.reason"],
    [{ reason: "other" }, "data.action"],
  ],
  returning: [
    [{ reason: "late" }, "data.reason"],
    [{ extra: { "a b": 1 } }, "data.extra.a b"],
  ],
  returned: [
    [{ extra: { constructor: 1 } }, "data.extra.constructor"],
    [{ extra: { a: [1] } }, "data.extra.a"],
  ],
  cancelled: [
    [{ reason: "" }, "data.reason"],
    [{ extra: { a: "x".repeat(1_025) } }, "data.extra.a"],
  ],
  message: [
    [{}, "data.text"],
    [{ text: "" }, "data.text"],
    [{ text: "x".repeat(4_097) }, "data.text"],
  ],
};

const event = (type: string, data: unknown, parts: Record<string, unknown> = {}) => ({
  id: "e-1",
  type,
  parcel: "p-1",
  store: "acme",
  at: "2026-05-01T10:00:00Z",
  data,
  ...parts,
});
const paths = (value: unknown) => parcelEventSchema.safeParse(value).error?.issues.map(({ path }) => path.join(".")) ?? [];

describe.each(eventTypes)("%s", (type) => {
  test("the smallest and the fullest payload pass, and nothing is added or changed", () => {
    for (const data of [smallestData[type], fullestData[type]])
      expect(parcelEventSchema.parse(event(type, data))).toEqual(event(type, data));
  });
  test("the fullest payload has every field", () => {
    expect(Object.keys(fullestData[type]).sort()).toEqual(Object.keys(eventData[type].shape).sort());
  });
  test.each(bad[type])("refused, with its path: %j", (data, path) => {
    expect(paths(event(type, data))).toContain(path);
  });
  test("an unknown field is an error, in the payload and beside it", () => {
    expect(paths(event(type, { ...smallestData[type], colour: "red" }))).toEqual(["data"]);
    expect(paths(event(type, smallestData[type], { queue: "zone/north" }))).toEqual([""]);
  });
  test.each(["id", "parcel", "store", "at", "data"])("without %s it is none", (field) => {
    expect(paths({ ...event(type, smallestData[type]), [field]: undefined })).toEqual([field]);
  });
});

describe("the envelope", () => {
  test.each(["2026-05-01T10:00:00Z", "2026-05-01T10:00:00.123456Z", "2024-02-29T23:59:59+14:00", "2026-05-01T10:00:00-03:00"])(
    "`at` may be %s",
    (at) => {
      expect(makeEvent("pickup", { at }).at).toBe(at);
    },
  );
  test.each([
    "2026-05-01T10:00:00",
    "2026-05-01 10:00:00Z",
    "2025-02-29T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "1777629600",
    1777629600,
    "now",
  ])("`at` may not be %j", (at) => {
    expect(paths(event("pickup", {}, { at }))).toEqual(["at"]);
  });
  test("trace context is W3C's or absent", () => {
    const trace = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    expect(paths(event("pickup", {}, { trace }))).toEqual([]);
    expect(paths(event("pickup", {}, { trace: "00-1-2-3" }))).toEqual(["trace"]);
  });
  test.each([null, [], "pickup", 7, {}, { type: "position" }, { type: "__proto__" }, { type: ["pickup"] }])("%j is no event", (value) => {
    expect(parcelEventSchema.safeParse(value).success).toBe(false);
  });
});

test("types are looked up without an object's own machinery", () => {
  expect(["pickup", "attempt-failed"].every(isEventType)).toBe(true);
  expect(["constructor", "__proto__", "toString", "position", "", "Pickup"].some(isEventType)).toBe(false);
});

test("the hub alone says who took a job; positions are no events", () => {
  expect(eventTypes.filter((type) => publishers[type].length === 0)).toEqual(["claimed", "released"]);
  expect(Object.keys(publishers)).toEqual(eventTypes);
});

test("a position is a place, for a parcel or for none", () => {
  const place = { lat: 52.5, lng: 13.4 };
  expect(positionSchema.safeParse(place).success).toBe(true);
  expect(positionSchema.safeParse({ ...place, parcel: "p-1", at: "2026-05-01T10:00:00Z" }).success).toBe(true);
  for (const wrong of [{}, { lat: 1 }, { ...place, lat: 90.1 }, { ...place, driver: "dana" }])
    expect(positionSchema.safeParse(wrong).success).toBe(false);
});
