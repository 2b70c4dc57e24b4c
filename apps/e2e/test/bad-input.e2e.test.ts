import { afterAll, beforeAll, expect, test } from "vitest";
import { connectPlain, type PlainClient } from "../src/plain-client.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

let hub: TestHub;
let driver: PlainClient;
let vendor: PlainClient;

/** Not --open: only `acme`, `dana` and `sp` are known. */
beforeAll(async () => {
  hub = await startTestHub({ args: ["--no-open"] });
  const admin = await connectPlain(hub.url, "/admin", hub.token({ role: "admin" }));
  for (const [kind, id] of [
    ["store", "acme"],
    ["driver", "dana"],
    ["zone", "sp"],
  ]) {
    expect(await admin.request("names:add", { kind, ids: [id] })).toMatchObject({ outcome: "added", added: 1 });
  }
  admin.close();
  driver = await connectPlain(hub.url, "/driver", hub.token({ role: "driver", driver: "dana" }));
  vendor = await connectPlain(hub.url, "/vendor", hub.token({ role: "vendor", stores: ["acme", "ghost"] }));
});
afterAll(async () => {
  driver.close();
  vendor.close();
  await hub[Symbol.asyncDispose]();
});

const good = { store: "acme", parcel: "p1" };

test.each([
  ["no parcel", "pickup", { store: "acme" }, "INVALID_MESSAGE", "parcel"],
  ["a parcel named __proto__", "pickup", { ...good, parcel: "__proto__" }, "INVALID_MESSAGE", "parcel"],
  ["a parcel named constructor", "pickup", { ...good, parcel: "constructor" }, "INVALID_MESSAGE", "parcel"],
  ["a field that nobody knows", "pickup", { ...good, colour: "red" }, "INVALID_MESSAGE", ""],
  ["a time without its zone", "pickup", { ...good, at: "2026-11-21T10:00:00" }, "INVALID_MESSAGE", "at"],
  ["a payload that breaks its type", "attempt-failed", { ...good, data: { reason: "dog" } }, "INVALID_EVENT", "data.reason"],
  ["a payload field that nobody knows", "pickup", { ...good, data: { colour: "red" } }, "INVALID_EVENT", "data"],
  ["no object at all", "pickup", "p1", "INVALID_MESSAGE", ""],
] as const)("%s is refused with its path", async (_, type, body, code, path) => {
  const reply = await driver.request(type, body);
  expect(reply).toMatchObject({ outcome: "refused", error: { code, retry: "never" } });
  expect(JSON.stringify(reply)).toContain(`"path":"${path}"`);
});

test.each([
  ["a type that nobody knows", "teleported", good, "UNKNOWN_TYPE"],
  ["a reserved name", "deliver", good, "RESERVED_NAME"],
  ["a store that nobody made known", "pickup", { ...good, store: "nowhere" }, "UNKNOWN_STORE"],
  ["an event of the hub's own", "claimed", { ...good, data: { driver: "dana", zone: "sp" } }, "FORBIDDEN"],
  ["a store's event from a driver", "ready", { ...good, data: { zone: "sp" } }, "FORBIDDEN"],
  [
    "an event that is too large",
    "pickup",
    { ...good, data: { extra: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}`, "x".repeat(1_000)])) } },
    "EVENT_TOO_LARGE",
  ],
] as const)("%s is refused", async (_, type, body, code) => {
  const reply = await driver.request(type, body);
  expect(reply).toMatchObject({ outcome: "refused", error: { code, retry: "never", message: expect.stringMatching(/\w{3,}/) } });
});

test.each([
  ["a zone that nobody made known", "ready", { ...good, data: { zone: "atlantis" } }, "UNKNOWN_ZONE"],
  ["a store that the token names and nobody made known", "cancelled", { ...good, store: "ghost" }, "UNKNOWN_STORE"],
  ["another store's event", "cancelled", { ...good, store: "other" }, "FORBIDDEN"],
] as const)("from a vendor: %s is refused", async (_, type, body, code) => {
  expect(await vendor.request(type, body)).toMatchObject({ outcome: "refused", error: { code } });
});

test.each([
  ["another store's queue", { queue: "store/other" }, "FORBIDDEN"],
  ["a driver's queue", { queue: "driver/dana" }, "FORBIDDEN"],
  ["something that is no queue", { queue: "acme" }, "INVALID_MESSAGE"],
  ["no queue, with a token of two stores", {}, "INVALID_MESSAGE"],
  ["a group that nobody made", { queue: "store/acme", group: "nope" }, "UNKNOWN_GROUP"],
  ["more credit than there is", { queue: "store/acme", credit: { events: 1e9, bytes: 1 } }, "INVALID_MESSAGE"],
] as const)("subscribing to %s is refused", async (_, body, code) => {
  expect(await vendor.request("subscribe", body)).toMatchObject({ outcome: "refused", error: { code } });
});

test("taking what nobody asked for, and frames without a producer, are refused", async () => {
  expect(await driver.request("take", { parcel: "ghost" })).toMatchObject({ outcome: "refused", error: { code: "UNKNOWN_PARCEL" } });
  const frame = new TextEncoder().encode(`${JSON.stringify({ lanes: [{ queue: "store/acme", first: 1, count: 1 }] })}\n{}`);
  expect(await driver.request("publish", frame)).toMatchObject({ outcome: "refused", error: { code: "HELLO_MISSING", retry: "backoff" } });
});

test("a frame that cannot be read is refused as a whole; a bad event in it stops its own lane only", async () => {
  const frames = await connectPlain(hub.url, "/driver", hub.token({ role: "driver", driver: "dana" }));
  await frames.request("hello", { producer: "producer-1", incarnation: 1 });
  const lines = (header: unknown, ...events: unknown[]) =>
    new TextEncoder().encode([header, ...events].map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
  const event = (id: string, store = "acme") => ({ id, type: "pickup", parcel: "p9", store, at: "2026-11-21T10:00:00Z", data: {} });
  expect(await frames.request("publish", lines("no json"))).toMatchObject({ outcome: "refused", error: { code: "INVALID_MESSAGE" } });
  expect(await frames.request("publish", lines({ lanes: [{ queue: "store/acme", first: 1, count: 2 }] }, event("a")))).toMatchObject({
    error: { code: "INVALID_MESSAGE" },
  });
  const parts = [
    { queue: "store/acme", first: 1, count: 3 },
    { queue: "store/ghost", first: 1, count: 1 },
  ];
  const reply = await frames.request("publish", lines({ lanes: parts }, event("a"), "{oops", event("c"), event("d", "ghost")));
  expect(reply).toMatchObject({
    outcome: "confirmed",
    lanes: [
      { queue: "store/acme", confirmedTo: 1, refused: { number: 2, error: { code: "INVALID_MESSAGE" } } },
      { queue: "store/ghost", confirmedTo: 0, refused: { number: 1, error: { code: "UNKNOWN_STORE" } } },
    ],
  });
  const mismatch = await frames.request("publish", lines({ lanes: [{ queue: "store/acme", first: 2, count: 1 }] }, event("e", "ghost")));
  expect(mismatch).toMatchObject({ lanes: [{ confirmedTo: 0, refused: { number: 2, error: { code: "INVALID_EVENT" } } }] });
  const voided = await frames.request("publish", lines({ lanes: [{ queue: "store/acme", first: 2, count: 2, void: [2] }] }, event("c")));
  expect(voided).toMatchObject({ lanes: [{ confirmedTo: 3, stored: [[3, 1, expect.any(Number)]] }] });
  const reused = await frames.request("publish", lines({ lanes: [{ queue: "store/acme", first: 3, count: 1 }] }, event("z")));
  expect(reused).toMatchObject({ lanes: [{ refused: { number: 3, error: { code: "SEQUENCE_REUSED" } } }] });
  const older = await frames.request("hello", { producer: "producer-1", incarnation: 1 });
  expect(older).toMatchObject({ outcome: "known" });
  frames.close();
});

test("a second process on one outbox fences the first", async () => {
  const [first, second] = [
    await connectPlain(hub.url, "/driver", hub.token({ role: "driver", driver: "dana" })),
    await connectPlain(hub.url, "/driver", hub.token({ role: "driver", driver: "dana" })),
  ];
  await first.request("hello", { producer: "producer-2", incarnation: 1 });
  await second.request("hello", { producer: "producer-2", incarnation: 2 });
  const event = { id: "a", type: "pickup", parcel: "p9", store: "acme", at: "2026-11-21T10:00:00Z", data: {} };
  const frame = new TextEncoder().encode(
    `${JSON.stringify({ lanes: [{ queue: "store/acme", first: 1, count: 1 }] })}\n${JSON.stringify(event)}`,
  );
  expect(await first.request("publish", frame)).toMatchObject({ lanes: [{ refused: { error: { code: "PRODUCER_FENCED" } } }] });
  expect(await first.request("hello", { producer: "producer-2", incarnation: 1 })).toMatchObject({
    outcome: "refused",
    error: { code: "PRODUCER_FENCED" },
  });
  first.close();
  second.close();
});
