import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectPlain, type PlainClient, type Received } from "../src/plain-client.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

let hub: TestHub;
const clients: PlainClient[] = [];
/** A store of its own for each test. */
let store: string;
let tests = 0;

beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub[Symbol.asyncDispose]());
beforeEach(() => {
  tests += 1;
  store = `acme-${tests}`;
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

async function connect(role: "vendor" | "driver", id: string, options: { transports?: readonly string[] } = {}): Promise<PlainClient> {
  const token = hub.token(role === "vendor" ? { role, stores: [id] } : { role, driver: id });
  const client = await connectPlain(hub.url, `/${role}`, token, options);
  clients.push(client);
  return client;
}
const scan = (parcel: string, id?: string) => ({ store, parcel, ...(id ? { id: `${store}-${id}` } : {}) });
const shown = (received: Received[]) => received.map(({ type, event }) => `${event.parcel} ${type}`);
const handle = async (client: PlainClient, count: number) => {
  const received = await client.take(count);
  for (const { ack } of received) ack();
  return shown(received);
};

describe.each([["polling first, as io(url) comes", {}] as const, ["websocket only", { transports: ["websocket"] }] as const])(
  "%s",
  (_, options) => {
    test("what is published after the confirm reaches the store, and is not sent again after its ack", async () => {
      const vendor = await connect("vendor", store, options);
      expect(await vendor.request("subscribe", {})).toMatchObject({ outcome: "subscribed", queue: `store/${store}`, group: "main" });
      const driver = await connect("driver", "dana", options);
      expect(await driver.request("pickup", scan("p1", "scan-1"))).toEqual({
        outcome: "stored",
        id: `${store}-scan-1`,
        queue: `store/${store}`,
        offset: 1,
      });
      expect(await handle(vendor, 1)).toEqual(["p1 pickup"]);
      vendor.close();
      await driver.request("delivered", scan("p1"));
      const again = await connect("vendor", store, options);
      await again.request("subscribe", {});
      expect(await handle(again, 1)).toEqual(["p1 delivered"]);
    });
  },
);

test("a store that was away gets all that it missed, in order, before anything new", async () => {
  const driver = await connect("driver", "dana");
  const first = await connect("vendor", store);
  await first.request("subscribe", {});
  await driver.request("pickup", scan("p1"));
  await handle(first, 1);
  first.close();

  for (const type of ["in-transit", "delivered"]) await driver.request(type, scan("p1"));
  for (const type of ["pickup", "in-transit", "delivered"]) await driver.request(type, scan("p2"));

  const second = await connect("vendor", store);
  await second.request("subscribe", {});
  await driver.request("pickup", scan("p3"));
  const all: string[] = [];
  while (all.length < 6) all.push(...(await handle(second, 1)));
  expect(all.filter((line) => line.startsWith("p1"))).toEqual(["p1 in-transit", "p1 delivered"]);
  expect(all.filter((line) => line.startsWith("p2"))).toEqual(["p2 pickup", "p2 in-transit", "p2 delivered"]);
  expect(all).toContain("p3 pickup");
});

test("a hub killed after the confirm has the event when it is back, and clients come back by themselves", async () => {
  const driver = await connect("driver", "dana");
  await driver.request("pickup", scan("p1", "scan-1"));
  const vendor = await connect("vendor", store);
  vendor.socket.on("connect", () => vendor.socket.emit("subscribe", {}, () => {}));
  await hub.killAndRestart();
  expect(await handle(vendor, 1)).toEqual(["p1 pickup"]);
  expect(await driver.request("pickup", scan("p1", "scan-1"))).toMatchObject({ outcome: "duplicate", offset: 1 });
});

test("a nack sends the event again, counted, and holds back its parcel only", async () => {
  const vendor = await connect("vendor", store);
  await vendor.request("subscribe", {});
  const driver = await connect("driver", "dana");
  await driver.request("pickup", scan("p1"));
  const [first] = await vendor.take(1);
  await driver.request("in-transit", scan("p1"));
  first?.ack({ nack: "the printer is out", delayMs: 3_600_000 });
  // While the first parcel waits for an hour, another one is nacked, comes again, and goes on.
  await driver.request("pickup", scan("p2"));
  const [other] = await vendor.take(1);
  await driver.request("in-transit", scan("p2"));
  other?.ack({ nack: "no paper", delayMs: 100 });
  const [again] = await vendor.take(1);
  expect(again).toMatchObject({ type: "pickup", event: { parcel: "p2", attempt: 2 } });
  again?.ack();
  expect(await handle(vendor, 1)).toEqual(["p2 in-transit"]);
});

test("a rejected event is stuck with its parcel; the others go on", async () => {
  const vendor = await connect("vendor", store);
  await vendor.request("subscribe", {});
  const driver = await connect("driver", "dana");
  await driver.request("pickup", scan("p1"));
  const [first] = await vendor.take(1);
  first?.ack({ reject: "no such order" });
  await driver.request("in-transit", scan("p1"));
  await driver.request("pickup", scan("p2"));
  expect(await handle(vendor, 1)).toEqual(["p2 pickup"]);
  // Gauges are measured anew every 2 s at most.
  await expect.poll(() => hub.metric("waybill_stuck")).toBe(1);
});

test("a second group gets every event too, from where it starts", async () => {
  const driver = await connect("driver", "dana");
  await driver.request("pickup", scan("p1"));
  const audit = await connect("vendor", store);
  expect(await audit.request("subscribe", { group: "audit" })).toMatchObject({ outcome: "refused", error: { code: "UNKNOWN_GROUP" } });
  expect(await audit.request("subscribe", { group: "audit", from: "start" })).toMatchObject({ outcome: "subscribed" });
  expect(await handle(audit, 1)).toEqual(["p1 pickup"]);
  const vendor = await connect("vendor", store);
  await vendor.request("subscribe", {});
  expect(await handle(vendor, 1)).toEqual(["p1 pickup"]);
});

test("types that a group does not want are settled and not sent", async () => {
  const vendor = await connect("vendor", store);
  await vendor.request("subscribe", { types: ["delivered"] });
  const driver = await connect("driver", "dana");
  for (const type of ["pickup", "in-transit", "delivered"]) await driver.request(type, scan("p1"));
  expect(await handle(vendor, 1)).toEqual(["p1 delivered"]);
});
