import { describe, expect, test } from "vitest";
import { makeEvent } from "../test/make-event.ts";
import { type EventType, eventTypes } from "./parcel-events.ts";
import { flagsMax, foldParcel, newParcel, type ParcelState, type ParcelStatus } from "./parcel-state.ts";

/** `-`: the event stays without effect on the status, and is flagged (but for `message`). */
const table: Record<ParcelStatus, Record<EventType, ParcelStatus | "-">> = {
  created: {
    ready: "ready",
    claimed: "claimed",
    released: "ready",
    pickup: "picked-up",
    "in-transit": "in-transit",
    delivered: "delivered",
    "attempt-failed": "attempt-failed",
    returning: "returning",
    returned: "returned",
    cancelled: "cancelled",
    message: "-",
  },
  ready: {
    ready: "-",
    claimed: "claimed",
    released: "-",
    pickup: "picked-up",
    "in-transit": "in-transit",
    delivered: "delivered",
    "attempt-failed": "attempt-failed",
    returning: "returning",
    returned: "returned",
    cancelled: "cancelled",
    message: "-",
  },
  claimed: {
    ready: "-",
    claimed: "-",
    released: "ready",
    pickup: "picked-up",
    "in-transit": "in-transit",
    delivered: "delivered",
    "attempt-failed": "attempt-failed",
    returning: "returning",
    returned: "returned",
    cancelled: "cancelled",
    message: "-",
  },
  "picked-up": {
    ready: "-",
    claimed: "-",
    released: "-",
    pickup: "-",
    "in-transit": "in-transit",
    delivered: "delivered",
    "attempt-failed": "attempt-failed",
    returning: "returning",
    returned: "returned",
    cancelled: "cancelled",
    message: "-",
  },
  "in-transit": {
    ready: "-",
    claimed: "-",
    released: "-",
    pickup: "-",
    "in-transit": "-",
    delivered: "delivered",
    "attempt-failed": "attempt-failed",
    returning: "returning",
    returned: "returned",
    cancelled: "cancelled",
    message: "-",
  },
  "attempt-failed": {
    ready: "-",
    claimed: "-",
    released: "-",
    pickup: "picked-up",
    "in-transit": "in-transit",
    delivered: "delivered",
    "attempt-failed": "attempt-failed",
    returning: "returning",
    returned: "returned",
    cancelled: "cancelled",
    message: "-",
  },
  returning: {
    ready: "-",
    claimed: "-",
    released: "-",
    pickup: "-",
    "in-transit": "in-transit",
    delivered: "delivered",
    "attempt-failed": "-",
    returning: "-",
    returned: "returned",
    cancelled: "cancelled",
    message: "-",
  },
  delivered: {
    ready: "-",
    claimed: "-",
    released: "-",
    pickup: "-",
    "in-transit": "-",
    delivered: "-",
    "attempt-failed": "-",
    returning: "-",
    returned: "-",
    cancelled: "-",
    message: "-",
  },
  returned: {
    ready: "-",
    claimed: "-",
    released: "-",
    pickup: "-",
    "in-transit": "-",
    delivered: "-",
    "attempt-failed": "-",
    returning: "-",
    returned: "-",
    cancelled: "-",
    message: "-",
  },
  cancelled: {
    ready: "ready",
    claimed: "-",
    released: "-",
    pickup: "-",
    "in-transit": "-",
    delivered: "delivered",
    "attempt-failed": "-",
    returning: "returning",
    returned: "returned",
    cancelled: "-",
    message: "-",
  },
};
const statuses = Object.keys(table) as ParcelStatus[];
const finals: readonly ParcelStatus[] = ["delivered", "returned", "cancelled"];

const noon = "2026-05-01T12:00:00Z";
const inStatus = (status: ParcelStatus): ParcelState => ({ ...newParcel, status, since: noon, scannedAt: noon });
const at = (type: EventType, time: string, data?: Record<string, unknown>) =>
  makeEvent(type, { at: `2026-05-01T${time}Z`, ...(data && { data }) });
const fold = (...events: Parameters<typeof foldParcel>[1][]) => events.reduce(foldParcel, newParcel);
const reasons = (state: ParcelState) => state.flags.map(({ type, reason, moved }) => `${type}: ${reason}${moved ? ", moved" : ""}`);

describe("the whole table", () => {
  for (const status of statuses) {
    test.each(eventTypes)(`${status}, %s`, (type) => {
      const expected = table[status][type];
      const before = inStatus(status);
      const after = foldParcel(before, at(type, "13:00:00"));
      expect(after.status).toBe(expected === "-" ? status : expected);
      if (type === "message") return expect(after).toBe(before);
      expect(after.since).toBe(expected === "-" ? noon : "2026-05-01T13:00:00Z");
      const isFlagged = expected === "-" || finals.includes(status);
      expect(after.flagged).toBe(isFlagged ? 1 : 0);
    });
  }
});

test("a whole day without surprises has no flags", () => {
  const state = fold(
    at("ready", "08:00:00", { zone: "north" }),
    at("claimed", "08:05:00", { driver: "dana", zone: "north" }),
    at("pickup", "09:00:00"),
    at("in-transit", "09:01:00"),
    at("attempt-failed", "11:00:00"),
    at("in-transit", "12:00:00"),
    at("message", "12:30:00"),
    at("delivered", "13:00:00"),
  );
  expect(state).toMatchObject({
    status: "delivered",
    since: "2026-05-01T13:00:00Z",
    driver: "dana",
    zone: "north",
    attempts: 1,
    flagged: 0,
  });
});

describe("late, repeated and impossible scans", () => {
  test("asked for after the pickup, in either order of arrival: delivered all the same", () => {
    const late = fold(at("ready", "10:00:00"), at("pickup", "09:00:00"), at("in-transit", "09:01:00"), at("delivered", "14:00:00"));
    expect([late.status, ...reasons(late)]).toEqual(["delivered", "pickup: late, moved"]);
    const byClock = fold(at("pickup", "09:00:00"), at("in-transit", "09:01:00"), at("ready", "10:00:00"), at("delivered", "14:00:00"));
    expect([byClock.status, ...reasons(byClock)]).toEqual(["delivered", "ready: impossible"]);
  });

  test("delivered before the pickup, in either order of arrival: delivered all the same", () => {
    const late = fold(at("ready", "08:00:00"), at("pickup", "10:00:00"), at("in-transit", "10:01:00"), at("delivered", "09:00:00"));
    expect([late.status, ...reasons(late)]).toEqual(["delivered", "delivered: late, moved"]);
    const byClock = fold(at("ready", "08:00:00"), at("delivered", "09:00:00"), at("pickup", "10:00:00"), at("in-transit", "10:01:00"));
    expect([byClock.status, ...reasons(byClock)]).toEqual(["delivered", "pickup: impossible", "in-transit: impossible"]);
  });

  test("a late scan never moves a parcel back", () => {
    const state = fold(at("in-transit", "09:00:00"), at("attempt-failed", "11:00:00"), at("in-transit", "10:00:00"));
    expect([state.status, ...reasons(state)]).toEqual(["attempt-failed", "in-transit: late"]);
  });

  test("a late repeat of a failed attempt is not counted again, a later one is", () => {
    const once = fold(at("attempt-failed", "11:00:00"), at("attempt-failed", "10:59:59"));
    expect([once.attempts, ...reasons(once)]).toEqual([1, "attempt-failed: late"]);
    expect(fold(at("attempt-failed", "11:00:00"), at("attempt-failed", "15:00:00"))).toMatchObject({ attempts: 2, flagged: 0 });
  });

  test("a type that was there before is repeated, whatever came between", () => {
    expect(
      reasons(fold(at("pickup", "09:00:00"), at("pickup", "09:00:00"), at("in-transit", "09:01:00"), at("pickup", "09:02:00"))),
    ).toEqual(["pickup: repeated", "pickup: repeated"]);
  });

  test("zones of the clock are understood: the same instant is not late", () => {
    const state = fold(makeEvent("pickup", { at: "2026-05-01T09:00:00+02:00" }), makeEvent("in-transit", { at: "2026-05-01T07:00:00Z" }));
    expect(state.flagged).toBe(0);
  });

  test.each(["01:00:00", "23:00:00"])("the hub's clock is not compared with the phones' (%s)", (hubTime) => {
    const state = fold(at("ready", "08:00:00"), at("claimed", hubTime), at("pickup", "09:00:00"));
    expect([state.status, state.flagged]).toEqual(["picked-up", 0]);
  });

  test("what happens after a cancellation is kept, and leaves it only with a flag", () => {
    const underway = fold(at("pickup", "09:00:00"), at("cancelled", "10:00:00"), at("in-transit", "10:01:00"), at("returned", "15:00:00"));
    expect([underway.status, ...reasons(underway)]).toEqual(["returned", "in-transit: impossible", "returned: reopened, moved"]);
  });
});

describe("the job", () => {
  test("handed back, it has no driver; taken again, the next one", () => {
    const back = fold(at("ready", "08:00:00"), at("claimed", "08:01:00"), at("released", "08:02:00", { driver: "dana", zone: "north" }));
    expect(back).toMatchObject({ status: "ready", driver: null, zone: "north", flagged: 0 });
    expect(foldParcel(back, at("claimed", "08:03:00", { driver: "eli", zone: "north" }))).toMatchObject({
      status: "claimed",
      driver: "eli",
    });
  });

  test("asked for again after a cancellation, the former driver has nothing to do with it", () => {
    const again = fold(at("claimed", "08:00:00"), at("cancelled", "09:00:00"), at("ready", "10:00:00", { zone: "south" }));
    expect(again).toMatchObject({ status: "ready", driver: null, zone: "south" });
    expect(reasons(again)).toEqual(["ready: reopened, moved"]);
  });

  test("the hub's word on who holds it counts also when the status stays", () => {
    expect(fold(at("pickup", "09:00:00"), at("claimed", "09:01:00"))).toMatchObject({ status: "picked-up", driver: "dana", flagged: 1 });
  });
});

test("flags are bounded, their number is not forgotten", () => {
  let state = fold(at("delivered", "09:00:00"));
  for (let n = 0; n < flagsMax + 5; n++)
    state = foldParcel(state, makeEvent("delivered", { id: `again-${n}`, at: "2026-05-01T09:30:00Z" }));
  expect(state.flags).toHaveLength(flagsMax);
  expect(state.flags.at(-1)?.id).toBe(`again-${flagsMax + 4}`);
  expect(state.flagged).toBe(flagsMax + 5);
  expect(state.counts.delivered).toBe(flagsMax + 6);
});
