import { expect, test } from "vitest";
import { newDriver, once, startHub } from "./setup.ts";

const ZONE = "zone/north";
const job = (id: string, parcel: string) => ({ id, parcel, type: "ready", data: { zone: "north" } });

test("an offer is taken: the answer is the job, and the pool's event is settled", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const taken = once<object>();
  await driver.offers("north", async (offer) => taken.resolve({ ...(await offer.take()), offered: offer.zone }));
  hub.append(ZONE, job("e1", "p1"));
  expect(await taken.promise).toEqual({ parcel: "p1", store: "acme", zone: "north", claim: 2, offered: "north" });
  await hub.until(() => hub.group(ZONE).settled.has(1));
  expect(await driver.jobs()).toEqual([{ parcel: "p1", store: "acme", zone: "north", claim: 2 }]);
  await driver.handback("p1", "flat tyre");
  expect(await driver.jobs()).toEqual([]);
});

test("an offer whose handler returns, or throws, without taking is declined; so many are offered at a time", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const told: string[] = [];
  driver.listen("error", (error) => told.push(error.message));
  let calls = 0;
  await driver.offers("north", () => {
    calls += 1;
    if (calls === 2) throw new Error("no van");
    return calls === 3 ? new Promise(() => {}) : undefined;
  });
  expect(hub.seats[0]?.credit).toBe(1);
  hub.append(ZONE, job("e1", "p1"));
  await hub.until(() => calls === 3);
  expect(told).toEqual(["no van"]);
  expect(hub.settles.flatMap(({ withdraws = [] }) => withdraws)).toEqual([
    [1, 1],
    [2, 2],
  ]);
});

test("who comes second gets CLAIM_LOST, and an offer that passed on aborts its signal", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  hub.holders.set("p1", "another");
  await expect(driver.take("p1")).rejects.toMatchObject({ code: "CLAIM_LOST" });
  const aborted = once();
  const offered = once();
  await driver.offers("north", (offer) => {
    offer.signal.addEventListener("abort", () => aborted.resolve());
    offered.resolve();
    return aborted.promise;
  });
  hub.append(ZONE, job("e2", "p2"));
  await offered.promise;
  const [seat] = hub.seats;
  if (seat !== undefined) hub.lose(seat, [[1, 1]]);
  await aborted.promise;
});

test("offers are not extended: the next driver is to be asked", async () => {
  const hub = await startHub();
  hub.leaseMs = 15;
  const driver = newDriver(hub);
  await driver.offers("north", () => new Promise(() => {}));
  hub.append(ZONE, job("e1", "p1"));
  hub.append("driver/dora", { id: "e2", parcel: "p2" });
  const busy = once();
  await driver.onOther(() => busy.promise).start();
  await hub.until(() => hub.settles.some((settle) => settle.extends !== undefined));
  const pool = hub.seats.find(({ queue }) => queue === ZONE);
  expect(hub.settles.filter((settle) => settle.extends !== undefined && settle.sub === pool?.sub)).toEqual([]);
  busy.resolve();
});

test("take is asked again over the next connection", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  await driver.ready();
  for (const socket of hub.sockets) socket.disconnect(true);
  expect(await driver.take("p1")).toMatchObject({ parcel: "p1" });
});

test("a position is checked, sent while connected, and dropped while not", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  driver.position({ lat: 1, lng: 2 });
  await driver.ready();
  expect(() => driver.position({ lat: 91, lng: 0 })).toThrow("breaks its schema");
  driver.position({ lat: 52.5, lng: 13.4 });
  await driver.take("p1");
  expect(hub.requests.filter((name) => name === "position")).toHaveLength(1);
});
