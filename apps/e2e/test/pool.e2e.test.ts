import { afterEach, beforeEach, expect, test } from "vitest";
import { connectPlain, type PlainClient } from "../src/plain-client.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

let hub: TestHub;
const clients: PlainClient[] = [];

beforeEach(async () => {
  hub = await startTestHub();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await hub[Symbol.asyncDispose]();
});

async function connect(role: "vendor" | "driver", id: string): Promise<PlainClient> {
  const token = hub.token(role === "vendor" ? { role, stores: [id] } : { role, driver: id });
  const client = await connectPlain(hub.url, `/${role}`, token);
  clients.push(client);
  return client;
}
const inPool = async (id: string) => {
  const driver = await connect("driver", id);
  await driver.request("subscribe", { queue: "zone/sp" });
  return driver;
};
const ready = (parcel: string) => ({ store: "acme", parcel, data: { zone: "sp" } });

test("a store's ready is offered to one driver of the zone, who takes it; the store is told", async () => {
  const vendor = await connect("vendor", "acme");
  await vendor.request("subscribe", {});
  const dana = await inPool("dana");
  await vendor.request("ready", ready("p1"));
  const [offer] = await dana.take(1);
  expect(offer).toMatchObject({ type: "ready", event: { parcel: "p1", queue: "zone/sp" } });
  expect(await dana.request("take", { parcel: "p1" })).toMatchObject({ outcome: "yours", parcel: "p1", store: "acme", zone: "sp" });
  const [first, ...rest] = await vendor.take(1);
  first?.ack();
  const [claimed] = [...rest, ...(await vendor.take(1))];
  expect([first?.type, claimed?.type]).toEqual(["ready", "claimed"]);
  expect(claimed?.event).toMatchObject({ parcel: "p1", data: { driver: "dana", zone: "sp" } });
});

test("a declined offer goes on to the next driver", async () => {
  const vendor = await connect("vendor", "acme");
  const drivers = { dana: await inPool("dana"), eli: await inPool("eli") };
  await vendor.request("ready", ready("p1"));
  const first = await Promise.race(Object.entries(drivers).map(async ([name, driver]) => ({ name, offers: await driver.take(1) })));
  const next = first.name === "dana" ? drivers.eli : drivers.dana;
  first.offers[0]?.ack({ decline: true });
  expect((await next.take(1))[0]?.event.parcel).toBe("p1");
});

test("an offer that nobody answers goes on to the next driver", async () => {
  await hub[Symbol.asyncDispose]();
  hub = await startTestHub({ args: ["--offer", "1s"] });
  const vendor = await connect("vendor", "acme");
  const drivers = [await inPool("dana"), await inPool("eli")];
  await vendor.request("ready", ready("p1"));
  const both = await Promise.all(drivers.map((driver) => driver.take(1)));
  expect(both.map(([offer]) => offer?.event.parcel)).toEqual(["p1", "p1"]);
});

test("the loser of a race gets CLAIM_LOST, also when the hub was killed in between", async () => {
  const vendor = await connect("vendor", "acme");
  const dana = await connect("driver", "dana");
  const eli = await connect("driver", "eli");
  await vendor.request("ready", ready("p1"));
  expect(await dana.request("take", { parcel: "p1" })).toMatchObject({ outcome: "yours" });
  await hub.killAndRestart();
  expect(await eli.request("take", { parcel: "p1" })).toMatchObject({ outcome: "refused", error: { code: "CLAIM_LOST", retry: "never" } });
  expect(await dana.request("take", { parcel: "p1" })).toMatchObject({ outcome: "yours" });
  expect(await dana.request("jobs", {})).toMatchObject({ jobs: [{ parcel: "p1" }] });
});

test("a job that was taken is not offered again after a restart; one that was handed back is", async () => {
  const vendor = await connect("vendor", "acme");
  const dana = await connect("driver", "dana");
  for (const parcel of ["p1", "p2"]) {
    await vendor.request("ready", ready(parcel));
    await dana.request("take", { parcel });
  }
  await dana.request("handback", { parcel: "p2", reason: "flat tyre" });
  await hub.killAndRestart();
  const eli = await inPool("eli");
  expect((await eli.take(1))[0]?.event.parcel).toBe("p2");
});

test("a cancelled job leaves the pool; its holder is told in its own queue", async () => {
  const vendor = await connect("vendor", "acme");
  const dana = await connect("driver", "dana");
  await dana.request("subscribe", { queue: "driver/dana" });
  await vendor.request("ready", ready("p1"));
  await dana.request("take", { parcel: "p1" });
  await vendor.request("cancelled", { store: "acme", parcel: "p1", data: { reason: "sold out" } });
  const [notice] = await dana.take(1);
  expect(notice).toMatchObject({ type: "cancelled", event: { parcel: "p1", queue: "driver/dana", data: { reason: "sold out" } } });
  expect(await dana.request("handback", { parcel: "p1" })).toMatchObject({ outcome: "refused", error: { code: "CLAIM_LOST" } });
});

test("a job leaves the pool with the driver who picks it up without asking", async () => {
  const vendor = await connect("vendor", "acme");
  const dana = await connect("driver", "dana");
  await vendor.request("ready", ready("p1"));
  expect(await dana.request("pickup", { store: "acme", parcel: "p1" })).toMatchObject({ outcome: "stored" });
  const eli = await connect("driver", "eli");
  expect(await eli.request("take", { parcel: "p1" })).toMatchObject({ outcome: "refused", error: { code: "CLAIM_LOST" } });
});
