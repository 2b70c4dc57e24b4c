import { expect, test } from "vitest";
import { delivered, newDriver, startHub } from "./setup.ts";

const QUEUE = "store/acme";
const processed = { wait: "processed" } as const;

test("it waits until main has settled the event, and many wait in one question", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const all = Array.from({ length: 600 }, (_, at) => driver.publish({ ...delivered(`p${at}`), id: `e${at}` }, processed));
  await hub.until(() => hub.asked.flat().length >= 600);
  expect(hub.asked.length).toBeLessThan(10);
  hub.settle(QUEUE, ...Array.from({ length: 600 }, (_, at) => at + 1));
  expect((await Promise.all(all)).map(({ outcome }) => outcome)).toEqual(all.map(() => "processed"));
});

test("it asks again over the next connection, having introduced itself", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const first = driver.publish({ ...delivered("p1"), id: "e1" }, processed);
  await hub.until(() => hub.asked.length === 1);
  for (const socket of hub.sockets) socket.disconnect(true);
  await hub.until(() => hub.asked.length === 2);
  hub.settle(QUEUE, 1);
  expect(await first).toEqual({ outcome: "processed", id: "e1", queue: QUEUE, offset: 1 });
});

test("one that is refused takes no other along", async () => {
  const hub = await startHub({ foreign: new Set([2]) });
  const driver = newDriver(hub);
  const all = ["e1", "e2", "e3"].map((id) => driver.publish({ ...delivered(id), id }, processed));
  await expect(all[1]).rejects.toMatchObject({ code: "FORBIDDEN" });
  hub.settle(QUEUE, 1, 3);
  expect([await all[0], await all[2]]).toMatchObject([{ outcome: "processed" }, { outcome: "processed" }]);
});

test("a restored hub gives an offset to another event: who waits is told HUB_LOST", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const first = driver.publish(delivered("p1"), processed);
  await hub.until(() => hub.asked.length === 1);
  hub.storageId = "storage-2";
  for (const socket of hub.sockets) socket.disconnect(true);
  await expect(first).rejects.toMatchObject({ code: "HUB_LOST" });
});

test("a closed client leaves nobody waiting, and a signal that fired before is heeded", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const first = driver.publish(delivered("p1"), processed);
  await hub.until(() => hub.asked.length === 1);
  await expect(driver.publish(delivered("p2"), { ...processed, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "CANCELLED" });
  const rejected = expect(first).rejects.toMatchObject({ code: "CLOSED" });
  await driver.close();
  await rejected;
});

test("an event whose place the hub has forgotten is told as the duplicate that it is", async () => {
  const hub = await startHub({ dropConfirms: 1 });
  const driver = newDriver(hub);
  const first = driver.publish(delivered("p1"), processed);
  await hub.until(() => hub.events(QUEUE).length === 1);
  hub.storageId = "storage-2";
  for (const socket of hub.sockets) socket.disconnect(true);
  expect(await first).toMatchObject({ outcome: "duplicate", offset: 0 });
});
