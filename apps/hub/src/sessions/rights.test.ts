import type { ParcelEvent } from "@waybill/events";
import { describe, expect, test } from "vitest";
import type { Identity } from "../auth/tokens.ts";
import { driverOf, ownQueue, publishRefusal, subscribeRefusal } from "./rights.ts";

const base = { tenant: "default", subject: "s", expMs: 1 };
const vendor: Identity = { ...base, role: "vendor", stores: ["acme", "bell"] };
const driver: Identity = { ...base, role: "driver", driver: "dana", stores: [] };
const admin: Identity = { ...base, role: "admin", stores: "*" };
const tool: Identity = { ...base, role: "vendor", stores: "*" };

const event = (type: "pickup" | "ready" | "cancelled", store = "acme"): ParcelEvent => ({
  id: "e",
  type,
  parcel: "p",
  store,
  at: "2026-11-21T10:00:00Z",
  // The rights look at type and store alone.
  data: { zone: "sp" } as never,
});

describe("who publishes what", () => {
  test.each([
    ["a driver, a scan of any store", driver, event("pickup", "elsewhere"), null],
    ["a driver, a store's ready", driver, event("ready"), "FORBIDDEN"],
    ["a vendor, its own ready", vendor, event("ready", "bell"), null],
    ["a vendor, another store's ready", vendor, event("ready", "elsewhere"), "FORBIDDEN"],
    ["a vendor, a driver's scan", vendor, event("pickup"), "FORBIDDEN"],
    ["a vendor's tool, any store's cancellation", tool, event("cancelled", "elsewhere"), null],
  ] as const)("%s", (_, identity, what, code) => {
    expect(publishRefusal(identity, what)?.code ?? null).toBe(code);
  });

  test("claimed and released are the hub's alone", () => {
    const claimed: ParcelEvent = { ...event("pickup"), type: "claimed", data: { driver: "dana", zone: "sp" } };
    for (const identity of [vendor, driver]) expect(publishRefusal(identity, claimed)?.message).toContain("the hub alone");
  });
});

describe("who reads what", () => {
  test.each([
    [vendor, "store/acme", true],
    [vendor, "store/elsewhere", false],
    [vendor, "driver/dana", false],
    [vendor, "zone/sp", false],
    [driver, "driver/dana", true],
    [driver, "driver/eli", false],
    [driver, "store/acme", false],
    [driver, "zone/sp", true],
    [admin, "store/acme", true],
    [tool, "store/elsewhere", true],
  ] as const)("%o reads %s: %s", (identity, queue, isAllowed) => {
    expect(subscribeRefusal(identity, queue) === null).toBe(isAllowed);
  });
});

test("the queue that is meant when none is named: the only store's, or the driver's", () => {
  expect(ownQueue({ ...vendor, stores: ["acme"] })).toBe("store/acme");
  expect(ownQueue(vendor)).toBeNull();
  expect(ownQueue(tool)).toBeNull();
  expect(ownQueue(driver)).toBe("driver/dana");
});

test("jobs are taken in the name of the token's driver", () => {
  expect(driverOf(driver)).toBe("dana");
  expect(() => driverOf(vendor)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
});
