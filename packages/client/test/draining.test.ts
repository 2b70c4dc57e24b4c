/** The hub leaves: what runs is finished and told over the old connection, the rest goes back, and what is published waits. */
import { expect, test } from "vitest";
import type { Client } from "../src/index.ts";
import type { FakeHub } from "./fake-hub.ts";
import { delivered, newDriver, newVendor, once, startHub } from "./setup.ts";

const QUEUE = "store/acme";
const leave = (hub: FakeHub, reconnectInMs: number): void => {
  for (const socket of hub.sockets) socket.emit("draining", { reconnectInMs });
};
/** Resolves when the client has read all that was sent before. */
const heard = (hub: FakeHub, client: Client): Promise<Error> => {
  const { promise, resolve } = once<Error>();
  client.listen("error", resolve);
  for (const socket of hub.sockets) socket.emit("refused", { error: { code: "BUSY", retry: "backoff", message: "heard" }, closing: false });
  return promise;
};

test("a running handler is finished and acked over the old connection, however long it takes; what waits goes back at once", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const go = once();
  const seen: string[] = [];
  vendor.onOther(async ({ id }) => {
    seen.push(id);
    if (id === "e1") await go.promise;
  });
  for (const id of ["e1", "e2", "e3"]) hub.append(QUEUE, { id, parcel: "p1" });
  await vendor.start();
  await hub.until(() => hub.settles.some(({ started }) => started !== undefined));
  leave(hub, 10);
  await hub.until(() => hub.settles.some(({ withdraws }) => withdraws?.flat().join() === "2,3"));
  expect(seen).toEqual(["e1"]);
  expect(hub.connections).toBe(1);
  go.resolve();
  await hub.until(() => hub.connections === 2);
  expect(hub.settles.filter(({ sub }) => sub === 1).flatMap(({ acks = [] }) => acks)).toEqual([[1, 1]]);
  await hub.until(() => hub.group(QUEUE).settled.has(3));
  expect(seen).toEqual(["e1", "e2", "e3"]);
});

test("nothing is begun that arrives while the hub leaves", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen: string[] = [];
  vendor.onOther(({ id }) => void seen.push(id));
  await vendor.start();
  const waits = once();
  vendor.listen("status", () => waits.resolve());
  leave(hub, 60_000);
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  await hub.until(() => hub.settles.some(({ withdraws }) => withdraws !== undefined));
  expect(seen).toEqual([]);
});

test("what is published meanwhile goes into the outbox and out over the next connection, in order", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  await driver.publish({ ...delivered("p1"), id: "e1" });
  leave(hub, 50);
  await heard(hub, driver);
  const frames = hub.frames.length;
  const published = ["e2", "e3"].map((id) => driver.publish({ ...delivered("p1"), id }));
  await hub.until(() => hub.connections === 2);
  expect(hub.frames).toHaveLength(frames);
  expect(await Promise.all(published)).toMatchObject([{ offset: 2 }, { offset: 3 }]);
});

test("a connection that closes earlier is not replaced before the time that the hub gave", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  await driver.ready();
  const why: string[] = [];
  const waits = once();
  driver.listen("status", (status, reason) => {
    why.push(`${status}: ${reason}`);
    if (status === "waiting") waits.resolve();
  });
  const leftAt = performance.now();
  leave(hub, 300);
  for (const socket of hub.sockets) socket.conn.close();
  await waits.promise;
  await hub.until(() => hub.connections === 2);
  expect(performance.now() - leftAt).toBeGreaterThanOrEqual(300);
  expect(why.slice(0, 2)).toEqual(["waiting: transport close", "connecting: attempt 2"]);
});
