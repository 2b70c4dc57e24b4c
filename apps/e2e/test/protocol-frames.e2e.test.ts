/** A client of frames that knows docs/PROTOCOL.md and a URL: bytes made and taken apart by hand. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { collect, type DeliverFrame, frame, readFrame } from "../src/frames.ts";
import { connectPlain, type PlainClient } from "../src/plain-client.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

let hub: TestHub;
let driver: PlainClient;
let store = 0;

beforeAll(async () => {
  hub = await startTestHub({ args: ["--lease", "2s", "--backoff", "50ms"] });
  driver = await connectPlain(hub.url, "/driver", hub.token({ role: "driver", driver: "dana" }));
  expect(await driver.request("hello", { producer: "producer-1", incarnation: 1 })).toMatchObject({
    outcome: "known",
    storageId: expect.any(String),
  });
});
afterAll(async () => {
  driver.close();
  await hub[Symbol.asyncDispose]();
});

/** Publishes events of these parcels to a store of the test's own, numbered from 1. */
async function publish(parcels: readonly string[]) {
  store += 1;
  const name = `shop-${store}`;
  const events = parcels.map((parcel, index) => ({
    id: `${name}-${index + 1}`,
    type: "pickup",
    parcel,
    store: name,
    at: "2026-11-21T10:00:00+01:00",
    data: {},
  }));
  const header = { lanes: [{ queue: `store/${name}`, first: 1, count: events.length }] };
  const confirm = await driver.request("publish", frame(header, ...events));
  return { name, events, header, confirm };
}

async function subscribe(name: string, credit = { events: 100, bytes: 100_000 }) {
  const vendor = await connectPlain(hub.url, "/vendor", hub.token({ role: "vendor", stores: [name] }));
  const frames = collect(vendor.socket, "deliver", readFrame);
  const lost = collect(vendor.socket, "lost", (body) => body as { tokens: [number, number][] });
  const reply = await vendor.request("subscribe", { queue: `store/${name}`, credit, instance: `instance-${name}` });
  expect(reply).toMatchObject({ outcome: "subscribed", leaseMs: 2_000 });
  return {
    vendor,
    frames,
    lost,
    settle: (body: object, { header }: DeliverFrame) => vendor.socket.emit("settle", { sub: header.sub, epoch: header.epoch, ...body }),
  };
}

test("a publish is confirmed by lane and number; sent again it is a duplicate at the same offsets", async () => {
  const { name, events, header, confirm } = await publish(["a", "b", "c"]);
  expect(confirm).toEqual({
    outcome: "confirmed",
    lanes: [{ queue: `store/${name}`, confirmedTo: 3, stored: [[1, 3, 1]], duplicates: [] }],
  });
  expect(await driver.request("publish", frame(header, ...events))).toMatchObject({
    lanes: [{ confirmedTo: 3, stored: [], duplicates: [[1, 3, 1]] }],
  });
  expect(await driver.request("lanes", { queues: [`store/${name}`, "store/never"] })).toEqual({ outcome: "lanes", confirmedTo: [3, 0] });
  const ahead = frame({ lanes: [{ queue: `store/${name}`, first: 9, count: 1 }] }, { ...events[0], id: "x" });
  expect(await driver.request("publish", ahead)).toMatchObject({
    lanes: [{ refused: { number: 9, error: { code: "SEQUENCE_GAP", retry: "backoff" } } }],
  });
});

test("a deliver frame carries the events as they were published, with offsets and contiguous tokens", async () => {
  const { name, events } = await publish(["a", "b", "a"]);
  const { vendor, frames, settle } = await subscribe(name);
  const first = await frames();
  const byOffset = first.header.events.map(([offset = 0], row) => [offset, first.events[row]] as const).sort(([a], [b]) => a - b);
  expect(byOffset).toEqual(events.map((event, index) => [index + 1, event]));
  settle({ acks: [[first.header.first, first.header.first + 2]] }, first);
  await vendor.request("unsubscribe", { sub: first.header.sub }); // Answered after the settle was read; a client that just leaves may not have sent it.
  vendor.close();
  await driver.request("publish", frame({ lanes: [{ queue: `store/${name}`, first: 4, count: 1 }] }, { ...events[0], id: "later" }));
  const again = await subscribe(name);
  expect((await again.frames()).events.map(({ id }) => id)).toEqual(["later"]);
  again.vendor.close();
});

test("a nack ends the later leases of its parcel, and of no other", async () => {
  const { name } = await publish(["a", "a", "b", "a"]);
  const { vendor, frames, lost, settle } = await subscribe(name);
  const held = await frames();
  const { first } = held.header;
  settle({ nacks: [{ token: first, delayMs: 0, reason: "the printer is out" }] }, held);
  expect((await lost()).tokens.flat()).toEqual([first + 1, first + 1, first + 3, first + 3]);
  settle({ acks: [[first + 2, first + 2]] }, held);
  const again: DeliverFrame[] = [];
  while (again.flatMap(({ events }) => events).length < 3) again.push(await frames());
  expect(again.flatMap(({ events }) => events.map(({ id }) => id))).toEqual([`${name}-1`, `${name}-2`, `${name}-4`]);
  expect(again[0]?.header.events[0]?.slice(2, 3)).toEqual([1]);
  vendor.close();
});

test("a lease that is not extended ends; one that is extended does not", async () => {
  const { name } = await publish(["a", "b"]);
  const { vendor, frames, lost, settle } = await subscribe(name);
  const held = await frames();
  const { first } = held.header;
  const extending = setInterval(() => settle({ extends: [[first, first]] }, held), 300);
  expect((await lost()).tokens).toEqual([[first + 1, first + 1]]);
  clearInterval(extending);
  settle({ acks: [[first, first]] }, held);
  vendor.close();
});

test("credit bounds what is in hand, and can be changed; what is withdrawn comes again uncounted", async () => {
  const { name } = await publish(["a", "b", "c"]);
  const { vendor, frames, settle } = await subscribe(name, { events: 2, bytes: 100_000 });
  const held = await frames();
  expect(held.events).toHaveLength(2);
  vendor.socket.emit("credit", { sub: held.header.sub, events: 3, bytes: 100_000 });
  expect((await frames()).events.map(({ parcel }) => parcel)).toEqual(["c"]);
  settle({ withdraws: [[held.header.first, held.header.first]] }, held);
  const back = await frames();
  expect(back.events.map(({ parcel }) => parcel)).toEqual(["a"]);
  expect(back.header.events[0]).toHaveLength(2);
  vendor.close();
});

test("notices that cannot be understood are refused, and the connection stays", async () => {
  const { name } = await publish(["a"]);
  const { vendor, frames, settle } = await subscribe(name);
  const refused = collect(vendor.socket, "refused", (body) => body as { error: { code: string }; closing: boolean });
  const held = await frames();
  vendor.socket.emit("settle", { sub: 999, epoch: 1, acks: [[1, 1]] });
  expect(await refused()).toMatchObject({ closing: false, error: { code: "UNKNOWN_SUBSCRIPTION" } });
  vendor.socket.emit("settle", { sub: held.header.sub, epoch: 1, acks: "all" });
  expect(await refused()).toMatchObject({ closing: false, error: { code: "INVALID_MESSAGE" } });
  settle({ acks: [[held.header.first, held.header.first]] }, held);
  expect(await vendor.request("unsubscribe", { sub: held.header.sub })).toEqual({ outcome: "done" });
  vendor.close();
});
