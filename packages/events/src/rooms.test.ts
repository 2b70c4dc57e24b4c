import { expect, test } from "vitest";
import { eventTypes } from "./parcel-events.ts";
import { isReservedName } from "./reserved-names.ts";
import { namespaces, ownNamespaceOf, readOwnNamespace, roomOf } from "./rooms.ts";

test("rooms of two tenants never meet", () => {
  expect(roomOf("default", "store", "acme")).toBe("default:store:acme");
  expect(roomOf("a", "parcel", "store:b")).not.toBe(roomOf("a", "store", "b"));
});

test("each audience has its namespace", () => {
  expect(namespaces).toEqual({ driver: "/driver", vendor: "/vendor", admin: "/admin", track: "/track" });
});

test("a tenant's own namespace is read as it is written, and nothing else is one", () => {
  expect(ownNamespaceOf("acme", "driver")).toBe("/acme/driver");
  expect(readOwnNamespace("/acme/driver")).toEqual({ tenant: "acme", role: "driver" });
  // The default tenant is in the shared ones.
  for (const name of ["/driver", "/default/driver", "/acme/track", "/acme/driver/x", "/Acme/driver", "//driver", "/__proto__/driver"])
    expect(readOwnNamespace(name)).toBeNull();
});

test("no event type bears a name that Socket.IO or the hub uses", () => {
  expect(eventTypes.filter(isReservedName)).toEqual([]);
});

test.each(["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener", "error"])(
  "%s belongs to Socket.IO",
  (name) => {
    expect(isReservedName(name)).toBe(true);
  },
);

test.each([
  "publish",
  "deliver",
  "delivers",
  "hello",
  "lanes",
  "subscribe",
  "unsubscribe",
  "take",
  "handback",
  "jobs",
  "settle",
  "settles",
  "credit",
  "position",
  "welcome",
  "refused",
  "draining",
  "lost",
  "reset",
  "gap",
  "presence",
  "names:add",
])("%s belongs to the hub", (name) => {
  expect(isReservedName(name)).toBe(true);
});

test("names of objects' own machinery are not mistaken for reserved ones", () => {
  expect(["constructor", "__proto__", "toString"].filter(isReservedName)).toEqual([]);
});
