import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { connectPlain, type PlainClient } from "../src/plain-client.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

/** One for all, but for the one whose offers end soon. */
let shared: TestHub;
let hub: TestHub;
const clients: PlainClient[] = [];

beforeAll(async () => {
  shared = await startTestHub();
});
afterAll(() => shared[Symbol.asyncDispose]());
/** A store, a zone, drivers and parcels of its own for each test: what one leaves behind is offered in no other. */
let tests = 0;
const own = (name: string): string => `${name}-${tests}`;
beforeEach(() => {
  tests += 1;
  hub = shared;
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

async function connect(role: "vendor" | "driver", name: string): Promise<PlainClient> {
  const id = own(name);
  const token = hub.token(role === "vendor" ? { role, stores: [id] } : { role, driver: id });
  const client = await connectPlain(hub.url, `/${role}`, token);
  clients.push(client);
  return client;
}
const inPool = async (id: string) => {
  const driver = await connect("driver", id);
  await driver.request("subscribe", { queue: `zone/${own("sp")}` });
  return driver;
};
const ready = (parcel: string) => ({ store: own("acme"), parcel: own(parcel), data: { zone: own("sp") } });

test("a store's ready is offered to one driver of the zone, who takes it; the store is told", async () => {
  const vendor = await connect("vendor", "acme");
  await vendor.request("subscribe", {});
  const dana = await inPool("dana");
  await vendor.request("ready", ready("p1"));
  const [offer] = await dana.take(1);
  expect(offer).toMatchObject({ type: "ready", event: { parcel: own("p1"), queue: `zone/${own("sp")}` } });
  expect(await dana.request("take", { parcel: own("p1") })).toMatchObject({
    outcome: "yours",
    parcel: own("p1"),
    store: own("acme"),
    zone: own("sp"),
  });
  const [first, ...rest] = await vendor.take(1);
  first?.ack();
  const [claimed] = [...rest, ...(await vendor.take(1))];
  expect([first?.type, claimed?.type]).toEqual(["ready", "claimed"]);
  expect(claimed?.event).toMatchObject({ parcel: own("p1"), data: { driver: own("dana"), zone: own("sp") } });
});

test("a declined offer goes on to the next driver", async () => {
  const vendor = await connect("vendor", "acme");
  const drivers = { dana: await inPool("dana"), eli: await inPool("eli") };
  await vendor.request("ready", ready("p1"));
  const first = await Promise.race(Object.entries(drivers).map(async ([name, driver]) => ({ name, offers: await driver.take(1) })));
  const next = first.name === "dana" ? drivers.eli : drivers.dana;
  first.offers[0]?.ack({ decline: true });
  expect((await next.take(1))[0]?.event.parcel).toBe(own("p1"));
});

test("an offer that nobody answers goes on to the next driver", async () => {
  await using impatient = await startTestHub({ args: ["--offer", "1s"] });
  hub = impatient;
  const vendor = await connect("vendor", "acme");
  const drivers = [await inPool("dana"), await inPool("eli")];
  await vendor.request("ready", ready("p1"));
  const both = await Promise.all(drivers.map((driver) => driver.take(1)));
  expect(both.map(([offer]) => offer?.event.parcel)).toEqual([own("p1"), own("p1")]);
});

test("the loser of a race gets CLAIM_LOST, also when the hub was killed in between", async () => {
  const vendor = await connect("vendor", "acme");
  const dana = await connect("driver", "dana");
  const eli = await connect("driver", "eli");
  await vendor.request("ready", ready("p1"));
  expect(await dana.request("take", { parcel: own("p1") })).toMatchObject({ outcome: "yours" });
  await hub.killAndRestart();
  expect(await eli.request("take", { parcel: own("p1") })).toMatchObject({
    outcome: "refused",
    error: { code: "CLAIM_LOST", retry: "never" },
  });
  expect(await dana.request("take", { parcel: own("p1") })).toMatchObject({ outcome: "yours" });
  expect(await dana.request("jobs", {})).toMatchObject({ jobs: [{ parcel: own("p1") }] });
});

test("a job that was taken is not offered again after a restart; one that was handed back is", async () => {
  const vendor = await connect("vendor", "acme");
  const dana = await connect("driver", "dana");
  for (const parcel of ["p1", "p2"]) {
    await vendor.request("ready", ready(parcel));
    await dana.request("take", { parcel: own(parcel) });
  }
  await dana.request("handback", { parcel: own("p2"), reason: "flat tyre" });
  await hub.killAndRestart();
  const eli = await inPool("eli");
  expect((await eli.take(1))[0]?.event.parcel).toBe(own("p2"));
});

test("a cancelled job leaves the pool; its holder is told in its own queue", async () => {
  const vendor = await connect("vendor", "acme");
  const dana = await connect("driver", "dana");
  await dana.request("subscribe", { queue: `driver/${own("dana")}` });
  await vendor.request("ready", ready("p1"));
  await dana.request("take", { parcel: own("p1") });
  await vendor.request("cancelled", { store: own("acme"), parcel: own("p1"), data: { reason: "sold out" } });
  const [notice] = await dana.take(1);
  expect(notice).toMatchObject({
    type: "cancelled",
    event: { parcel: own("p1"), queue: `driver/${own("dana")}`, data: { reason: "sold out" } },
  });
  expect(await dana.request("handback", { parcel: own("p1") })).toMatchObject({ outcome: "refused", error: { code: "CLAIM_LOST" } });
});

test("a job leaves the pool with the driver who picks it up without asking", async () => {
  const vendor = await connect("vendor", "acme");
  const dana = await connect("driver", "dana");
  await vendor.request("ready", ready("p1"));
  expect(await dana.request("pickup", { store: own("acme"), parcel: own("p1") })).toMatchObject({ outcome: "stored" });
  const eli = await connect("driver", "eli");
  expect(await eli.request("take", { parcel: own("p1") })).toMatchObject({ outcome: "refused", error: { code: "CLAIM_LOST" } });
});
