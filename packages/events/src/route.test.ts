import { expect, test } from "vitest";
import { makeEvent } from "../test/make-event.ts";
import { type Claim, noClaim } from "./claim.ts";
import type { EventType } from "./parcel-events.ts";
import { claimInputOf, type RouteContext, route } from "./route.ts";

const base = { epoch: 2, store: "acme", zone: "north", sinceMs: 0 };
const free: Claim = { ...base, state: "free" };
const held: Claim = { ...base, state: "picked-up", driver: "dana" };
const cancelledFromDana: Claim = { ...base, state: "cancelled", driver: "dana" };
const cancelledWhileFree: Claim = { ...base, state: "cancelled", driver: null };

const copies = (type: EventType, context: Partial<RouteContext>) =>
  route(makeEvent(type), { by: "driver", claim: noClaim, claimMoved: false, ...context }).copies;

test("every event goes home to its store", () => {
  for (const type of ["ready", "claimed", "pickup", "delivered", "message"] as const) {
    expect(route(makeEvent(type), { by: "vendor", claim: noClaim, claimMoved: false }).home).toBe("store/acme");
  }
});

test("ready enters the pool only if it made the job free", () => {
  expect(copies("ready", { by: "vendor", claim: free, claimMoved: true })).toEqual(["zone/north"]);
  expect(copies("ready", { by: "vendor", claim: free, claimMoved: false })).toEqual([]);
  expect(copies("ready", { by: "vendor", claim: held, claimMoved: false })).toEqual([]);
});

test("a cancellation tells the holder once, and nobody when nobody holds it", () => {
  expect(copies("cancelled", { by: "vendor", claim: cancelledFromDana, claimMoved: true })).toEqual(["driver/dana"]);
  expect(copies("cancelled", { by: "vendor", claim: cancelledFromDana, claimMoved: false })).toEqual([]);
  expect(copies("cancelled", { by: "vendor", claim: cancelledWhileFree, claimMoved: true })).toEqual([]);
});

test("a store's message reaches the holder, a driver's only the store", () => {
  expect(copies("message", { by: "vendor", claim: held })).toEqual(["driver/dana"]);
  expect(copies("message", { by: "vendor", claim: cancelledFromDana })).toEqual(["driver/dana"]);
  expect(copies("message", { by: "vendor", claim: free })).toEqual([]);
  expect(copies("message", { by: "driver", claim: held })).toEqual([]);
});

test("a parcel of the same name at another store is not the holder's", () => {
  expect(copies("message", { by: "vendor", claim: { ...held, store: "rival" } })).toEqual([]);
});

test("scans and the hub's own events have no copies", () => {
  for (const type of ["claimed", "released", "pickup", "in-transit", "delivered", "attempt-failed", "returning", "returned"] as const) {
    expect(copies(type, { claim: held, claimMoved: true })).toEqual([]);
  }
});

test("three event types ask something of the claim", () => {
  const from = { driver: "dana", nowMs: 7 };
  const asked: { [K in EventType]?: unknown } = {
    ready: { type: "ready", store: "acme", zone: "north", nowMs: 7 },
    pickup: { type: "pickup", driver: "dana", store: "acme", nowMs: 7 },
    cancelled: { type: "cancel", store: "acme", nowMs: 7 },
  };
  for (const type of ["ready", "claimed", "released", "pickup", "in-transit", "delivered", "cancelled", "message"] as const) {
    expect(claimInputOf(makeEvent(type), from)).toEqual(asked[type] ?? null);
  }
});
