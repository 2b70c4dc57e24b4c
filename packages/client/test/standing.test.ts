import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ClientEvents } from "../src/index.ts";
import { fileOutbox } from "../src/index.ts";
import type { FakeHub } from "./fake-hub.ts";
import { delivered, newDriver, once, startHub } from "./setup.ts";

const QUEUE = "store/acme";

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "standing-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "outbox.log");
}

const idsAt = (hub: FakeHub, queue = QUEUE): string[] => hub.events(queue).map(({ id }) => id);

test("what a killed process left goes out when the next one opens the file, under its numbers, without being asked", async () => {
  const hub = await startHub({ silent: true });
  const path = newPath();
  const first = newDriver(hub, { outbox: fileOutbox(path) });
  await Promise.all(["e1", "e2"].map((id) => first.publish({ ...delivered("p1"), id }, { wait: "outbox" })));
  copyFileSync(path, `${path}.left`);
  await first.close({ drainMs: 0 });
  hub.faults.silent = false;
  const second = newDriver(hub, { outbox: fileOutbox(`${path}.left`) });
  await hub.until(() => hub.events(QUEUE).length === 2);
  expect(await second.publish({ ...delivered("p1"), id: "e3" })).toMatchObject({ offset: 3 });
  expect(idsAt(hub)).toEqual(["e1", "e2", "e3"]);
  expect(hub.hellos).toMatchObject([{ incarnation: 2 }]);
});

test("an event whose confirm did not reach the file is answered as a duplicate, not stored again", async () => {
  const hub = await startHub();
  const path = newPath();
  const first = newDriver(hub, { outbox: fileOutbox(path) });
  await first.publish({ ...delivered("p1"), id: "e1" });
  copyFileSync(path, `${path}.left`); // The event is in it, its confirm may be not.
  await first.close();
  const second = newDriver(hub, { outbox: fileOutbox(`${path}.left`) });
  expect(await second.publish({ ...delivered("p1"), id: "e2" })).toMatchObject({ offset: 2 });
  expect(idsAt(hub)).toEqual(["e1", "e2"]);
  expect(second.outbox.pending).toBe(0);
});

test("a client whose version the hub does not speak any more keeps its outbox; the updated program sends it", async () => {
  const hub = await startHub({ silent: true });
  const path = newPath();
  const old = newDriver(hub, { outbox: fileOutbox(path), answerMs: 30 });
  await old.publish({ ...delivered("p1"), id: "e1" }, { wait: "outbox" });
  hub.faults = { refuseConnection: () => ({ code: "UNSUPPORTED_PROTOCOL", retry: "never", message: "this hub speaks 7 to 8" }) };
  const told = once<Error>();
  old.listen("error", told.resolve);
  expect(await told.promise).toMatchObject({ code: "UNSUPPORTED_PROTOCOL", message: expect.stringContaining("7 to 8") });
  await old.close();
  hub.faults = {};
  const updated = newDriver(hub, { outbox: fileOutbox(path) });
  await updated.publish({ ...delivered("p1"), id: "e2" });
  expect(idsAt(hub)).toEqual(["e1", "e2"]);
});

test("an old copy of the file goes on under a new producer id, and nothing of it is lost", async () => {
  const hub = await startHub();
  const path = newPath();
  const first = newDriver(hub, { outbox: fileOutbox(path) });
  await first.publish({ ...delivered("p1"), id: "e1" });
  await first.publish({ ...delivered("p1"), id: "e2" }, { wait: "outbox" });
  copyFileSync(path, `${path}.copy`);
  for (const id of ["e3", "e4"]) await first.publish({ ...delivered("p1"), id });
  await first.close();
  const second = newDriver(hub, { outbox: fileOutbox(`${path}.copy`) });
  const notice = once<Parameters<ClientEvents["outbox"]>[0]>();
  second.listen("outbox", notice.resolve);
  expect(await second.publish({ ...delivered("p1"), id: "e5" })).toMatchObject({ outcome: "stored" });
  expect(await notice.promise).toMatchObject({ kind: "old-copy" });
  expect(new Set(idsAt(hub))).toEqual(new Set(["e1", "e2", "e3", "e4", "e5"]));
  expect(new Set(hub.hellos.map(({ producer }) => producer)).size).toBe(2);
});

test("an old copy is seen by its numbers alone, where the hub has forgotten the ids", async () => {
  const hub = await startHub({ forgetsIds: true });
  const path = newPath();
  const first = newDriver(hub, { outbox: fileOutbox(path) });
  await first.publish({ ...delivered("p1"), id: "e1" });
  copyFileSync(path, `${path}.copy`);
  for (const id of ["e2", "e3", "e4"]) await first.publish({ ...delivered("p1"), id });
  await first.close();
  const second = newDriver(hub, { outbox: fileOutbox(`${path}.copy`) });
  await second.publish({ ...delivered("p1"), id: "x2" });
  expect(idsAt(hub).at(-1)).toBe("x2");
});

test("a copy that grew as long as the original is caught by its ids", async () => {
  const hub = await startHub();
  const path = newPath();
  const first = newDriver(hub, { outbox: fileOutbox(path) });
  await first.publish({ ...delivered("p1"), id: "e1" });
  copyFileSync(path, `${path}.copy`);
  await first.publish({ ...delivered("p1"), id: "e2" });
  await first.close();
  hub.faults.silent = true;
  const offline = newDriver(hub, { outbox: fileOutbox(`${path}.copy`) });
  for (const id of ["x2", "x3"]) await offline.publish({ ...delivered("p1"), id }, { wait: "outbox" });
  await offline.close({ drainMs: 0 });
  hub.faults.silent = false;
  const second = newDriver(hub, { outbox: fileOutbox(`${path}.copy`) });
  const notice = once<Parameters<ClientEvents["outbox"]>[0]>();
  second.listen("outbox", notice.resolve);
  expect(await notice.promise).toMatchObject({ kind: "old-copy" });
  await hub.until(() => idsAt(hub).includes("x3"));
  expect(idsAt(hub).filter((id) => id.startsWith("x"))).toEqual(["x2", "x3"]);
});

test("a lane that the copy has never seen is asked for before it is used", async () => {
  const hub = await startHub();
  const path = newPath();
  const first = newDriver(hub, { outbox: fileOutbox(path) });
  await first.publish({ ...delivered("p1"), id: "e1" });
  copyFileSync(path, `${path}.copy`);
  await first.publish({ ...delivered("p2", "zoo"), id: "z1" });
  await first.close();
  const second = newDriver(hub, { outbox: fileOutbox(`${path}.copy`) });
  await second.ready();
  expect(await second.publish({ ...delivered("p2", "zoo"), id: "z1-again" })).toMatchObject({ outcome: "stored", offset: 2 });
});

test("a hub that was restored is reported with what is gone, and what is held is sent again under a new id", async () => {
  const hub = await startHub();
  const path = newPath();
  const driver = newDriver(hub, { outbox: fileOutbox(path) });
  const lost = once<Parameters<ClientEvents["hub-lost"]>[0]>();
  driver.listen("hub-lost", lost.resolve);
  for (const id of ["e1", "e2", "e3"]) await driver.publish({ ...delivered("p1"), id });
  await driver.publish({ ...delivered("p2", "zoo"), id: "z1" });
  // The backup is from after e1.
  hub.storageId = "storage-2";
  hub.queues.set(QUEUE, hub.events(QUEUE).slice(0, 1));
  for (const ids of hub.lanes.values()) if (ids.length === 3) ids.length = 1;
  hub.faults.refuseEvent = () => ({ code: "STORAGE_FULL", retry: "backoff", message: "full" });
  for (const socket of hub.sockets) socket.disconnect(true);
  const held = driver.publish({ ...delivered("p1"), id: "e4" });
  expect(await lost.promise).toEqual({ storageId: "storage-2", lanes: [{ queue: QUEUE, hubHas: 1, confirmedTo: 3 }] });
  delete hub.faults.refuseEvent;
  expect(await held).toMatchObject({ outcome: "stored", offset: 2 });
  expect(idsAt(hub)).toEqual(["e1", "e4"]);
  expect(new Set(hub.hellos.map(({ producer }) => producer)).size).toBe(2);
});

test("a hub that is behind without a new storage id is a restored hub too", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const lost = once<Parameters<ClientEvents["hub-lost"]>[0]>();
  driver.listen("hub-lost", lost.resolve);
  for (const id of ["e1", "e2"]) await driver.publish({ ...delivered("p1"), id });
  hub.queues.clear();
  hub.lanes.clear();
  for (const socket of hub.sockets) socket.disconnect(true);
  expect(await lost.promise).toMatchObject({ lanes: [{ queue: QUEUE, hubHas: 0, confirmedTo: 2 }] });
  expect(await driver.publish({ ...delivered("p1"), id: "e3" })).toMatchObject({ outcome: "stored", offset: 1 });
});

test("what a restored hub still knows of the outbox is not sent again", async () => {
  const hub = await startHub({ dropConfirms: 1 });
  const driver = newDriver(hub);
  const first = driver.publish({ ...delivered("p1"), id: "e1" });
  await hub.until(() => hub.events(QUEUE).length === 1);
  hub.storageId = "storage-2";
  for (const socket of hub.sockets) socket.disconnect(true);
  expect(await first).toEqual({ outcome: "duplicate", id: "e1", queue: QUEUE, offset: 0 });
  await driver.publish({ ...delivered("p1"), id: "e2" });
  expect(idsAt(hub)).toEqual(["e1", "e2"]);
});

test("an outbox that a newer process holds is fenced: publishing stops, and says so", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const notice = once<Parameters<ClientEvents["outbox"]>[0]>();
  driver.listen("outbox", notice.resolve);
  await driver.publish(delivered("p1"));
  const { producer = "" } = hub.hellos[0] ?? {};
  hub.incarnations.set(producer, 99);
  await expect(driver.publish(delivered("p1"))).rejects.toMatchObject({ code: "PRODUCER_FENCED" });
  expect(await notice.promise).toMatchObject({ kind: "fenced" });
  await expect(driver.publish(delivered("p1"))).rejects.toMatchObject({ code: "PRODUCER_FENCED" });
  expect(driver.outbox.pending).toBe(1);
});

test("a second client on one file is refused, and harms nothing", async () => {
  const hub = await startHub();
  const path = newPath();
  const first = newDriver(hub, { outbox: fileOutbox(path) });
  await first.ready();
  const second = newDriver(hub, { outbox: fileOutbox(path) });
  await expect(second.ready()).rejects.toMatchObject({ code: "OUTBOX_HELD" });
  await expect(second.publish(delivered("p1"))).rejects.toMatchObject({ code: "OUTBOX_HELD" });
  expect(second.status).toBe("closed");
  expect(await first.publish(delivered("p1"))).toMatchObject({ outcome: "stored" });
});

test("an outbox that holds as much as it may refuses more, and takes more when the hub has confirmed", async () => {
  const hub = await startHub({ silent: true });
  const driver = newDriver(hub, { outbox: fileOutbox(newPath(), { eventsMax: 2 }), answerMs: 60_000 });
  const two = [driver.publish(delivered("p1")), driver.publish(delivered("p1"))];
  await expect(driver.publish(delivered("p1"))).rejects.toMatchObject({ code: "OUTBOX_FULL", retry: "backoff" });
  hub.faults.silent = false;
  await hub.until(() => hub.sockets.length > 0);
  for (const socket of hub.sockets) socket.conn.close();
  await Promise.all(two);
  expect(await driver.publish(delivered("p1"))).toMatchObject({ offset: 3 });
});

test("a hello that is refused for a while is said again", async () => {
  const hub = await startHub();
  let refusals = 0;
  hub.faults.refuseHello = () => (refusals++ < 2 ? { code: "STORAGE_FAILED", retry: "backoff", message: "later" } : null);
  const driver = newDriver(hub);
  expect(await driver.publish(delivered("p1"))).toMatchObject({ outcome: "stored" });
  expect(hub.connections).toBe(1);
});
