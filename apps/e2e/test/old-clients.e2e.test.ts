/** Old parcel clients on the running hub: what they gain, and what none of their mistakes can do. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type CapsHub, connectOld, type OldClient, type OldMessage, startCapsHub } from "../src/caps-hub.ts";
import { connectPlain, type PlainClient } from "../src/plain-client.ts";

/** A store for each test: what one leaves behind is not sent to another. */
const stores = Array.from({ length: 24 }, (_, index) => `store-${index + 1}`);
let hub: CapsHub;
let store: string;
let testCount = 0;
let orderCount = 0;
const clients: { close(): void }[] = [];

beforeAll(async () => {
  hub = await startCapsHub({ stores });
});
afterAll(() => hub[Symbol.asyncDispose]());
beforeEach(() => {
  store = stores[testCount] ?? "";
  testCount += 1;
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

const order = () => {
  orderCount += 1;
  return { store, orderId: `o-${orderCount}`, customer: "Ana", address: "1 Main St" };
};
const old = async (): Promise<OldClient> => {
  const client = await connectOld(`${hub.capsUrl}/caps`);
  clients.push(client);
  return client;
};
const sdk = async (role: "vendor" | "driver", id: string): Promise<PlainClient> => {
  const client = await connectPlain(hub.url, `/${role}`, hub.token(role === "vendor" ? { role, stores: [id] } : { role, driver: id }));
  clients.push(client);
  return client;
};
/** The store's own board: group main, which no old client settles. */
const board = async (): Promise<PlainClient> => {
  const vendor = await sdk("vendor", store);
  await vendor.request("subscribe", { queue: `store/${store}` });
  return vendor;
};
const typesOf = async (client: PlainClient, count: number): Promise<string[]> => {
  const types: string[] = [];
  while (types.length < count)
    for (const { type, ack } of await client.take(1)) {
      types.push(type);
      ack();
    }
  return types;
};
/** Says again who it is, which changes nothing; by the answer all that the client said before is carried out. */
const settled = (client: OldClient): Promise<unknown> => client.socket.emitWithAck("join", whoIs.get(client) ?? store);
const whoIs = new WeakMap<OldClient, string>();
const joined = async (who: string): Promise<OldClient> => {
  const client = await old();
  whoIs.set(client, who);
  expect(await settled(client)).toEqual({ outcome: "done" });
  return client;
};
const vendorOf = () => joined(store);
const driverOf = () => joined("driver");
const nextPickup = async (driver: OldClient, orderId: string): Promise<OldMessage> => {
  for (;;) {
    const message = await driver.next("pickup");
    if (message.order.orderId === orderId) return message;
  }
};
/** An old driver's whole way with one parcel, without a receipt. */
const drive = async (mine: object): Promise<void> => {
  const driver = await old();
  for (const name of ["in-transit", "delivered"]) expect(await driver.socket.emitWithAck(name, mine)).toMatchObject({ outcome: "stored" });
  driver.close();
};
const ids = (messages: readonly OldMessage[]) => messages.map(({ messageID }) => messageID);

describe("between old clients and all others", () => {
  test("a store's board sees what old clients send, in the hub's words, and an old driver's way moves the job", async () => {
    const all = await board();
    const vendor = await vendorOf();
    const driver = await driverOf();
    const mine = order();
    vendor.emit("pickup", { event: "pickup", time: "2026-05-01T09:30:00Z", payload: mine });
    const pickup = await nextPickup(driver, mine.orderId);
    expect(pickup).toMatchObject({ ...mine, event: "pickup", payload: mine, time: "2026-05-01T09:30:00.000Z" });
    driver.emit("received", pickup);
    driver.emit("in-transit", pickup);
    driver.emit("delivered", pickup);
    expect(await typesOf(all, 5)).toEqual(["ready", "claimed", "pickup", "in-transit", "delivered"]);
    for (const kind of ["in-transit", "delivered"]) {
      const message = await vendor.next(kind);
      expect(message).toMatchObject({ ...mine, event: kind, payload: mine });
      vendor.emit("received", message);
    }
    const dispatch = await sdk("driver", "caps");
    expect(await dispatch.request("jobs", {})).toMatchObject({ jobs: [] });
  });

  test("an old store is sent what an SDK's driver publishes, with the order as it had sent it", async () => {
    const vendor = await vendorOf();
    const mine = { ...order(), orderID: "twice", items: [{ sku: "rose", count: 12 }] };
    await vendor.socket.emitWithAck("pickup", mine);
    const dana = await sdk("driver", "dana");
    expect(await dana.request("take", { parcel: mine.orderId })).toMatchObject({ outcome: "yours", zone: "caps" });
    await dana.request("delivered", { parcel: mine.orderId, store, data: { receivedBy: "Ana" } });
    expect(await vendor.next("delivered")).toMatchObject({ ...mine, order: mine });
  });

  test("a job that an SDK's vendor puts into the pool caps goes to old drivers, that of a store that is not named does not", async () => {
    const driver = await driverOf();
    const other = await sdk("vendor", "not-named");
    await other.request("ready", { parcel: "p-foreign", store: "not-named", data: { zone: "caps" } });
    const vendor = await sdk("vendor", store);
    const parcel = order().orderId;
    await vendor.request("ready", { parcel, store, data: { zone: "caps", customer: "Ana", address: "1 Main St" } });
    const pickup = await nextPickup(driver, parcel);
    expect(pickup.order).toEqual({ store, orderId: parcel, orderID: parcel, customer: "Ana", address: "1 Main St" });
    expect(driver.heard("pickup").filter((message) => message.order.orderId === "p-foreign")).toEqual([]);
  });
});

describe("what an old client gains", () => {
  test("nothing is settled before its receipt: what was sent without one comes again", async () => {
    await drive(order());
    const first = await vendorOf();
    const sent = [await first.next("in-transit")];
    first.close();
    const second = await vendorOf();
    expect((await second.next("in-transit")).messageID).toBe(sent[0]?.messageID);
    second.emit("getAll", store);
    const again = await second.next("in-transit");
    expect(again.messageID).toBe(sent[0]?.messageID);
    second.emit("received", again);
    const there = await second.next("delivered");
    second.emit("received", there);
    await settled(second);
    second.close();
    const third = await vendorOf();
    third.emit("getAll", store);
    await settled(third);
    expect([...third.heard("in-transit"), ...third.heard("delivered")]).toEqual([]);
  });

  test("a message that is sent twice is stored once, and an answer function is told so", async () => {
    const all = await board();
    const client = await old();
    const mine = order();
    const wrapped = { event: "delivered", messageId: "m-1", clientId: store, order: mine };
    expect(await client.socket.emitWithAck("pickup", mine)).toMatchObject({ outcome: "stored" });
    expect(await client.socket.emitWithAck("pickup", mine)).toMatchObject({ outcome: "duplicate" });
    expect(await client.socket.emitWithAck("delivered", wrapped)).toMatchObject({ outcome: "stored" });
    expect(await client.socket.emitWithAck("delivered", wrapped)).toMatchObject({ outcome: "duplicate" });
    expect(await typesOf(all, 3)).toEqual(["ready", "pickup", "delivered"]);
  });

  test("at most 32 messages wait for a receipt; the next comes with each receipt, and getAll sends no more", async () => {
    const driver = await old();
    for (let index = 0; index < 40; index += 1) await driver.socket.emitWithAck("delivered", order());
    const vendor = await vendorOf();
    const sent: OldMessage[] = [];
    while (sent.length < 32) sent.push(await vendor.next("delivered"));
    vendor.emit("getAll", { queueId: store, event: "delivered" });
    await settled(vendor);
    const again = vendor.heard("delivered");
    expect(ids(again)).toEqual(ids(sent));
    vendor.emit("received", sent.slice(0, 3));
    while (again.length < 32) again.push(await vendor.next("delivered"));
    for (let index = 0; index < 32; index += 1) await vendor.next("delivered");
    for (let index = 0; index < 3; index += 1) sent.push(await vendor.next("delivered"));
    expect(new Set(ids(sent)).size).toBe(35);
  });

  test("a driver that goes on only when it hears its own word hears it, once it is stored", async () => {
    const driver = await driverOf();
    const mine = order();
    driver.emit("in-transit", mine);
    expect(await driver.next("in-transit")).toMatchObject(mine);
    driver.emit("in-transit", mine);
    await settled(driver);
    expect(driver.heard("in-transit")).toEqual([]);
  });
});

describe("two drivers", () => {
  test("a pickup goes to all and is taken by one; who was second is told, and what it tells all the same changes nothing", async () => {
    const all = await board();
    const [one, two] = [await driverOf(), await driverOf()];
    const mine = order();
    (await old()).emit("pickup", mine);
    const pickups = await Promise.all([one, two].map((driver) => nextPickup(driver, mine.orderId)));
    one.emit("received", pickups[0]);
    one.emit("received", pickups[0]);
    await settled(one);
    two.emit("received", pickups[1]);
    expect(await two.next("error")).toMatchObject({ code: "CLAIM_LOST", about: "received" });
    for (const driver of [one, two]) for (const name of ["in-transit", "delivered"]) driver.emit(name, mine);
    await Promise.all([settled(one), settled(two)]);
    expect(await typesOf(all, 5)).toEqual(["ready", "claimed", "pickup", "in-transit", "delivered"]);
    // The sixth event of the store would be what the second driver told.
    expect(await all.request("receipts", { queue: `store/${store}`, offsets: [6] })).toMatchObject({ error: { code: "UNKNOWN_EVENT" } });
    expect(one.heard("error")).toEqual([]);
  });

  test("what one has taken is sent to no other, whenever that comes; what nobody took is", async () => {
    const one = await driverOf();
    const [taken, open] = [order(), order()];
    const vendor = await old();
    vendor.emit("pickup", taken);
    vendor.emit("pickup", open);
    one.emit("received", await nextPickup(one, taken.orderId));
    await settled(one);
    const two = await driverOf();
    two.emit("getAll");
    await settled(two);
    await nextPickup(two, open.orderId);
    expect(two.heard("pickup").filter((message) => message.order.orderId === taken.orderId)).toEqual([]);
    const dana = await sdk("driver", "dana");
    expect(await dana.request("take", { parcel: taken.orderId })).toMatchObject({ error: { code: "CLAIM_LOST" } });
  });

  test("what an SDK's driver took is no old driver's any more", async () => {
    const driver = await driverOf();
    const mine = order();
    (await old()).emit("pickup", mine);
    const pickup = await nextPickup(driver, mine.orderId);
    await (await sdk("driver", "dana")).request("take", { parcel: mine.orderId });
    driver.emit("received", pickup);
    expect(await driver.next("error")).toMatchObject({ code: "CLAIM_LOST", about: "received" });
    driver.emit("in-transit", pickup);
    expect(await driver.next("error")).toMatchObject({ code: "CLAIM_LOST", about: "in-transit" });
  });
});

describe("mistakes", () => {
  test("a receipt for what was never sent is an error, and settles nothing", async () => {
    await drive(order());
    const vendor = await vendorOf();
    const sent = await vendor.next("in-transit");
    for (const unknown of ["no-such-message", { messageId: "no-such-message" }, { store, orderId: "no-such-order" }]) {
      vendor.emit("received", unknown);
      expect(await vendor.next("error")).toMatchObject({ code: "UNKNOWN_EVENT", about: "received" });
    }
    vendor.emit("getAll", store);
    expect((await vendor.next("in-transit")).messageID).toBe(sent.messageID);
  });

  test("a receipt under the order's id settles what was stored under another", async () => {
    const mine = order();
    await drive({ messageID: "m-of-the-driver", payload: mine });
    const vendor = await vendorOf();
    const moving = await vendor.next("in-transit");
    expect(moving.messageID).not.toContain(mine.orderId);
    vendor.emit("received", { clientId: store, messageId: mine.orderId });
    const there = await vendor.next("delivered");
    vendor.emit("received", [mine.orderId]);
    vendor.emit("received", { messageID: there.messageID });
    await settled(vendor);
    expect(vendor.heard("error")).toEqual([]);
  });

  test("to join twice sends nothing twice", async () => {
    await drive(order());
    const vendor = await vendorOf();
    await vendor.next("in-transit");
    vendor.emit("join", store);
    vendor.emit("JOIN", { store });
    await settled(vendor);
    expect(vendor.heard("in-transit")).toEqual([]);
    expect(vendor.heard("error")).toEqual([]);
  });

  test("a driver that does not join again after a reconnect is sent pickups all the same", async () => {
    const driver = await driverOf();
    driver.socket.io.engine.close();
    const mine = order();
    const pickup = nextPickup(driver, mine.orderId);
    (await old()).emit("pickup", mine);
    expect(await pickup).toMatchObject(mine);
    expect(await driver.next("error")).toMatchObject({ code: "UNKNOWN_SUBSCRIPTION", about: "join" });
  });

  test("a store that does not join again is told; its messages are kept until it says who it is, if only by its next order", async () => {
    const vendor = await vendorOf();
    vendor.socket.io.engine.close();
    await drive(order());
    const told = await vendor.next("error");
    expect(told).toMatchObject({ code: "UNKNOWN_SUBSCRIPTION", message: expect.stringContaining("after each connect") });
    expect(vendor.heard("in-transit")).toEqual([]);
    vendor.emit("pickup", order());
    expect(await vendor.next("in-transit")).toMatchObject({ store });
  });

  test("a store that does not join again, but sends the receipt that it owes, is known by it", async () => {
    await drive(order());
    const vendor = await vendorOf();
    const moving = await vendor.next("in-transit");
    vendor.socket.io.engine.close();
    vendor.emit("received", moving); // Kept by the client until it is connected again.
    expect((await vendor.next("in-transit")).messageID).toBe(moving.messageID);
    vendor.emit("received", moving);
    expect(await vendor.next("delivered")).toMatchObject({ store });
  });

  test("a receipt before the work, and one after it, are both right", async () => {
    const driver = await driverOf();
    const vendor = await vendorOf();
    const [before, after] = [order(), order()];
    for (const mine of [before, after]) vendor.emit("pickup", mine);
    driver.emit("received", { queueId: "driver", messageId: (await nextPickup(driver, before.orderId)).messageID });
    for (const mine of [before, after]) driver.emit("in-transit", mine);
    driver.emit("received", after);
    await settled(driver);
    expect(driver.heard("error")).toEqual([]);
    const moving = [await vendor.next("in-transit"), await vendor.next("in-transit")];
    expect(moving.map((message) => message.order.orderId)).toEqual([before.orderId, after.orderId]);
  });

  test("nobody speaks for a store that is not named, nor for another by a driver's receipt", async () => {
    const client = await old();
    for (const [name, said] of [
      ["join", "elsewhere"],
      ["getAll", { store: "elsewhere" }],
      ["pickup", { ...order(), store: "elsewhere" }],
      ["delivered", { ...order(), store: "__proto__" }],
    ] as const) {
      client.emit(name, said);
      expect(await client.next("error")).toMatchObject({ code: "UNKNOWN_STORE", about: name });
    }
    await drive(order());
    const vendor = await vendorOf();
    const moving = await vendor.next("in-transit");
    const driver = await driverOf();
    driver.emit("join", store);
    expect(await driver.next("error")).toMatchObject({ code: "FORBIDDEN", about: "join" });
    driver.emit("received", moving);
    expect(await driver.next("error")).toMatchObject({ code: "UNKNOWN_EVENT" });
    vendor.emit("received", moving);
    expect(await vendor.next("delivered")).toMatchObject({ store });
  });

  test("junk is answered, and nobody else notices", async () => {
    const vendor = await vendorOf();
    const client = await old();
    const junk = [
      undefined,
      null,
      0,
      "",
      "x",
      true,
      [],
      [[]],
      {},
      { store },
      { orderId: {} },
      { payload: null },
      { store, orderId: "x".repeat(70_00) },
    ];
    const names = ["join", "getAll", "received", "pickup", "in-transit", "delivered", "no such word", "constructor", "__proto__", "error"];
    for (const name of names) {
      client.emit(name);
      for (const said of junk) client.emit(name, said, said);
    }
    client.emit("pickup", JSON.parse(`{"store":"${store}","orderId":"j","__proto__":{"polluted":1}}`));
    await settled(client);
    const codes = new Set(client.heard("error").map((error) => error.code));
    expect(
      [...codes].filter(
        (code) => !["INVALID_MESSAGE", "UNKNOWN_STORE", "UNKNOWN_TYPE", "UNKNOWN_EVENT", "FORBIDDEN"].includes(String(code)),
      ),
    ).toEqual([]);
    expect(client.heard("error").every(({ message, about }) => typeof message === "string" && typeof about === "string")).toBe(true);
    expect(client.socket.connected).toBe(true);
    await drive(order());
    expect(await vendor.next("in-transit")).toMatchObject({ store });
    expect((await fetch(`${hub.capsUrl}/healthz`)).status).toBe(200);
  });
});

test("on the port of old clients nothing else is served: neither the hub's namespaces, nor the root, nor its counters", async () => {
  for (const namespace of ["/", "/vendor", "/admin"]) await expect(connectOld(`${hub.capsUrl}${namespace}`)).rejects.toThrow();
  expect((await fetch(`${hub.capsUrl}/metrics`)).status).toBe(404);
  expect((await fetch(`${hub.capsUrl}/socket.io/?EIO=4&transport=polling`, { headers: { origin: "https://evil.example" } })).status).toBe(
    403,
  );
});
