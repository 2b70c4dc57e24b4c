import { expect, test } from "vitest";
import { delivered, newDriver, newVendor, once, startHub } from "./setup.ts";

const QUEUE = "store/acme";

test("close drains: running handlers finish and are settled, what was not started goes back, the outbox empties", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const started = once();
  const go = once();
  const seen: string[] = [];
  vendor.onOther(async ({ id }) => {
    seen.push(id);
    if (seen.length === 2) started.resolve();
    await go.promise;
  });
  for (let i = 1; i <= 6; i += 1) hub.append(QUEUE, { id: `e${i}`, parcel: `p${i}` });
  await vendor.start({ concurrency: 2 });
  await started.promise;
  const published = vendor.publish(delivered("p9", "zoo"));
  const closed = vendor.close();
  await hub.until(() => hub.group(QUEUE).holder.size === 2);
  go.resolve();
  await closed;
  expect(seen).toEqual(["e1", "e2"]);
  expect([...hub.group(QUEUE).settled]).toEqual([1, 2]);
  expect(hub.group(QUEUE).failed.size).toBe(0);
  expect(hub.seats).toEqual([]);
  expect(await published).toMatchObject({ outcome: "stored" });
  expect(vendor.status).toBe("closed");
});

test("close waits no longer than it is told; who still waits is told why", async () => {
  const hub = await startHub({ silent: true });
  const driver = newDriver(hub);
  const waiting = driver.publish(delivered("p1"));
  waiting.catch(() => {});
  await driver.close({ drainMs: 10 });
  await expect(waiting).rejects.toMatchObject({ code: "CLOSED" });
  await expect(driver.publish(delivered("p1"))).rejects.toMatchObject({ code: "CLOSED" });
  await expect(driver.ready()).rejects.toMatchObject({ code: "CLOSED" });
});

test("`await using` closes, and a signal does", async () => {
  const hub = await startHub();
  const stop = new AbortController();
  const other = newVendor(hub, { signal: stop.signal });
  await other.ready();
  {
    await using driver = newDriver(hub);
    await driver.publish(delivered("p1"));
  }
  stop.abort();
  await hub.until(() => hub.sockets.length === 0);
  expect(other.status).toBe("closed");
});

test("a signal that has fired before keeps it from connecting at all", async () => {
  const hub = await startHub();
  const driver = newDriver(hub, { signal: AbortSignal.abort() });
  await expect(driver.ready()).rejects.toMatchObject({ code: "CLOSED" });
  expect(hub.connections).toBe(0);
});

test("a start that waits for the hub is told when the client is closed", async () => {
  const hub = await startHub({ silent: true });
  const vendor = newVendor(hub).onOther(() => {});
  const starting = vendor.start();
  starting.catch(() => {});
  await vendor.close({ drainMs: 5 });
  await expect(starting).rejects.toMatchObject({ code: "CLOSED" });
});

test("no listener's error breaks the client; it is told to `error`, and one of `error` to nobody", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const told: string[] = [];
  driver.listen("status", () => {
    throw new Error("from a listener");
  });
  driver.listen("error", () => {
    throw new Error("from the listener of errors");
  });
  const off = driver.listen("error", (error) => told.push(error.message));
  expect(await driver.publish(delivered("p1"))).toMatchObject({ outcome: "stored" });
  expect(told).toContain("from a listener");
  off();
  const before = told.length;
  await driver.close();
  expect(told).toHaveLength(before);
});

test("nonsense from the hub is told, and nothing breaks", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const told: string[] = [];
  vendor.listen("error", (error) => told.push(error.message));
  await vendor.ready();
  const [socket] = hub.sockets;
  socket?.emit("deliver", "no bytes");
  socket?.emit("deliver", new TextEncoder().encode("{]"));
  socket?.emit("lost", { sub: "one" });
  socket?.emit("refused", { error: { code: "BUSY", retry: "backoff", message: "slow down" }, closing: false });
  await vendor.publish(delivered("p1"));
  expect(told).toMatchObject([
    "The hub sent a `deliver` that is not bytes.",
    expect.stringContaining("the frame's header is not JSON"),
    "The hub sent a `lost` that breaks the contract.",
    "slow down",
  ]);
});
