/** The hub speaks version n of the wire and n − 1: bare clients of version 1, as docs/PROTOCOL.md describes them, beside today's SDK on one hub. */
import { createAdmin, createDriver, createVendor } from "@waybill/client";
import { io } from "socket.io-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collect, frame, readFrame } from "../src/frames.ts";
import { connectPlain } from "../src/plain-client.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

const OLD = { protocol: 1 };

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub({ args: ["--backoff", "50ms"] });
});
afterAll(() => hub[Symbol.asyncDispose]());

const driverToken = (driver: string) => hub.token({ role: "driver", driver });
const vendorToken = (store: string) => hub.token({ role: "vendor", stores: [store] });
const scan = (id: string, store: string) => ({ id, type: "pickup", parcel: `p-${id}`, store, at: "2026-11-21T10:00:00+01:00", data: {} });

/** A consumer of version 1: acks what comes, but nacks `nacked` the first time. Tells `id failed` of each delivery. */
async function oldVendor(store: string, nacked: string) {
  const client = await connectPlain(hub.url, "/vendor", vendorToken(store), OLD);
  const frames = collect(client.socket, "deliver", readFrame);
  const instance = "old-instance";
  const reply = await client.request("subscribe", { queue: `store/${store}`, credit: { events: 2, bytes: 10_000 }, instance });
  expect(reply).toMatchObject({ outcome: "subscribed", sub: expect.any(Number), generation: 1, floor: 0, leaseMs: 30_000 });
  return {
    client,
    async handle(count: number): Promise<string[]> {
      const handled: string[] = [];
      while (handled.length < count) {
        const { header, events } = await frames();
        for (const [row, { id }] of events.entries()) {
          const token = header.first + row;
          const [, , failed = 0] = header.events[row] ?? [];
          const outcome = id === nacked && failed === 0 ? { nacks: [{ token, delayMs: 0 }] } : { acks: [[token, token]] };
          client.socket.emit("settle", { sub: header.sub, epoch: header.epoch, ...outcome });
          handled.push(`${id} ${failed}`);
        }
      }
      return handled.sort();
    },
  };
}

test("a producer and a consumer of version 1 work beside the SDK, and each gets what the other publishes", async () => {
  const driver = await connectPlain(hub.url, "/driver", driverToken("old"), OLD);
  expect(await driver.request("hello", { producer: "old-producer", incarnation: 1 })).toMatchObject({ outcome: "known" });
  const publish = (first: number, ids: readonly string[]) => {
    const header = { lanes: [{ queue: "store/both", first, count: ids.length }] };
    return driver.request("publish", frame(header, ...ids.map((id) => scan(id, "both"))));
  };
  expect(await publish(1, ["a", "b"])).toMatchObject({ lanes: [{ confirmedTo: 2, stored: [[1, 2, 1]] }] });
  expect(await publish(1, ["a", "b"])).toMatchObject({ lanes: [{ confirmedTo: 2, stored: [], duplicates: [[1, 2, 1]] }] });
  await using sdkDriver = createDriver({ url: hub.url, token: driverToken("new") });
  expect(await sdkDriver.publish({ type: "pickup", store: "both", parcel: "p-c", id: "c" })).toMatchObject({ offset: 3 });

  const vendor = await oldVendor("both", "b");
  expect(await vendor.handle(4)).toEqual(["a 0", "b 0", "b 1", "c 0"]);

  await using sdkVendor = createVendor({ url: hub.url, token: vendorToken("both") });
  const seen = new Set<string>();
  const all = new Promise<void>((resolve) => {
    sdkVendor.onOther(({ id }) => {
      if (seen.add(id).size === 4) resolve();
    });
  });
  await sdkVendor.start({ group: "audit", from: "start" });
  expect(await publish(3, ["d"])).toMatchObject({ lanes: [{ confirmedTo: 3, stored: [[3, 1, 4]] }] });
  expect(await vendor.handle(1)).toEqual(["d 0"]);
  // Set back, it hears of it (`reset`) and gets all again under the next generation.
  const reset = collect(vendor.client.socket, "reset", (body) => body);
  const admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
  await admin.reset({ queue: "store/both" }, { to: "start" });
  expect(await reset()).toMatchObject({ sub: 1, generation: 2, floor: 0 });
  expect(await vendor.handle(5)).toEqual(["a 0", "b 0", "b 1", "c 0", "d 0"]);
  await admin[Symbol.asyncDispose]();
  await all;
  expect([...seen].sort()).toEqual(["a", "b", "c", "d"]);
  driver.close();
  vendor.client.close();
});

test("a frame that was stored as it is has a short confirm for who speaks version 2; what is to be told beyond that is told at length", async () => {
  const newer = await connectPlain(hub.url, "/driver", driverToken("newer"), { protocol: 2 });
  expect(await newer.request("hello", { producer: "newer-producer", incarnation: 1 })).toMatchObject({ outcome: "known" });
  const header = {
    lanes: [
      { queue: "store/short-1", first: 1, count: 2 },
      { queue: "store/short-2", first: 1, count: 1 },
    ],
  };
  const events = [scan("s1", "short-1"), scan("s2", "short-1"), scan("s3", "short-2")];
  expect(await newer.request("publish", frame(header, ...events))).toEqual({ outcome: "stored", offsets: [1, 1] });
  expect(await newer.request("publish", frame(header, ...events))).toMatchObject({
    outcome: "confirmed",
    lanes: [
      { queue: "store/short-1", confirmedTo: 2, duplicates: [[1, 2, 1]] },
      { queue: "store/short-2", duplicates: [[1, 1, 1]] },
    ],
  });
  const next = { lanes: [{ queue: "store/short-1", first: 3, count: 2, void: [4] }] };
  expect(await newer.request("publish", frame(next, scan("s4", "short-1")))).toMatchObject({
    outcome: "confirmed",
    lanes: [{ confirmedTo: 4, stored: [[3, 1, 3]] }],
  });
  newer.close();
});

test("a version that is not spoken is refused by its number, and the same client may come back with another", async () => {
  for (const protocol of [0, 3]) {
    const auth = { token: vendorToken("acme"), protocol };
    const socket = io(`${hub.url}/vendor`, { auth, forceNew: true });
    const refused = await new Promise<Error & { data?: unknown }>((resolve) => socket.once("connect_error", resolve));
    expect(refused.data).toMatchObject({ code: "UNSUPPORTED_PROTOCOL", retry: "never" });
    expect(refused.message).toContain(`version ${protocol} of the wire, this hub 1 to 2`);
    expect(socket.active).toBe(false);
    auth.protocol = 1;
    const welcome = new Promise<{ protocol: number }>((resolve) => socket.once("welcome", resolve));
    socket.connect();
    expect((await welcome).protocol).toBe(2);
    socket.disconnect();
  }
});
