/** SIGTERM: what is in hand is finished or handed back, nothing is counted, and everybody comes back. */
import { connect } from "node:net";
import { createAdmin, createDriver, createVendor, type Delivery } from "@waybill/client";
import { io } from "socket.io-client";
import { expect, onTestFinished, test } from "vitest";
import { connectPlain } from "../src/plain-client.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

const fast = { reconnectMs: 50, reconnectMsMax: 200 };
const driverToken = (hub: TestHub) => hub.token({ role: "driver", driver: "dana" });
const vendorToken = (hub: TestHub, store: string) => hub.token({ role: "vendor", stores: [store] });
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** SIGTERM, wait for the end, start again. */
async function restartInOrder(hub: TestHub): Promise<void> {
  expect(await hub.running.program.stop()).toEqual({ code: 0, signal: null });
  await hub.running.restart();
}

/** Counts, and wakes who waits for a number. */
function counter() {
  let count = 0;
  let waiting: { least: number; resolve: () => void }[] = [];
  return {
    add() {
      count += 1;
      for (const { least, resolve } of waiting) if (count >= least) resolve();
      waiting = waiting.filter(({ least }) => count < least);
    },
    atLeast: (least: number) => (count >= least ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ least, resolve }))),
    more: (by: number) => new Promise<void>((resolve) => waiting.push({ least: count + by, resolve })),
  };
}

/** An official client as anyone writes it: it subscribes after each connect, and comes back by itself. */
function plainVendor(
  hub: TestHub,
  store: string,
  handle: (event: { id: string; attempt: number }, ack: () => void) => void | Promise<void>,
) {
  const socket = io(`${hub.url}/vendor`, { auth: { token: vendorToken(hub, store) }, forceNew: true, reconnectionDelay: 50 });
  onTestFinished(() => void socket.close());
  socket.on("connect", () => socket.emit("subscribe", {}, () => {}));
  socket.on("pickup", handle);
  return socket;
}

test("three restarts in order under load: nothing lost, nothing handled twice, no attempt counted, all clients back", async () => {
  await using hub = await startTestHub({ args: ["--drain", "30s"] });
  await using driver = createDriver({ url: hub.url, token: driverToken(hub), ...fast });
  await using sdkVendor = createVendor({ url: hub.url, token: vendorToken(hub, "sdk"), ...fast });
  const handled: Record<string, string[]> = { sdk: [], plain: [] };
  const attempts = new Set<number>();
  const done = counter();
  const note = (store: string, id: string, attempt: number) => {
    handled[store]?.push(id);
    attempts.add(attempt);
    done.add();
  };
  sdkVendor.onOther(async (event, delivery: Delivery) => {
    await pause(delivery.offset % 120);
    note("sdk", event.id, delivery.attempt);
  });
  await sdkVendor.start();
  const plain = plainVendor(hub, "plain", async ({ id, attempt }, ack) => {
    await pause(id.length * 15);
    note("plain", id, attempt);
    ack();
  });

  const published: Promise<unknown>[] = [];
  let isOpen = true;
  const publishing = (async () => {
    for (let n = 1; isOpen; n += 1) {
      for (const store of ["sdk", "plain"])
        published.push(driver.publish({ type: "pickup", store, parcel: `p${n % 40}`, id: `${store}-${n}` }));
      await pause(10);
    }
  })();
  for (let restart = 1; restart <= 3; restart += 1) {
    await done.more(60);
    await restartInOrder(hub);
  }
  await done.more(60);
  isOpen = false;
  await publishing;
  await Promise.all(published);
  await done.atLeast(published.length);

  for (const store of ["sdk", "plain"]) {
    expect(new Set(handled[store]).size).toBe(published.length / 2);
    expect(handled[store]).toHaveLength(published.length / 2);
  }
  expect([...attempts]).toEqual([1]);
  expect([sdkVendor.status, driver.status, plain.connected]).toEqual(["connected", "connected", true]);
  await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
  // The last handlers are done; their acks may be on their way.
  for (const store of ["sdk", "plain"])
    await expect.poll(() => admin.subscription({ queue: `store/${store}` })).toMatchObject({ pending: 0, stuck: 0, dead: 0 });
});

test("a handler that takes longer than the time is told, its event goes back uncounted and comes again", async () => {
  await using hub = await startTestHub({ args: ["--drain", "200ms"] });
  await using driver = createDriver({ url: hub.url, token: driverToken(hub), ...fast });
  for (const store of ["sdk", "plain"]) await driver.publish({ type: "pickup", store, parcel: "p1", id: `${store}-1` });
  const offered: string[] = [];
  const started = counter();
  await using vendor = createVendor({ url: hub.url, token: vendorToken(hub, "sdk"), ...fast });
  vendor.onOther(async ({ id }, delivery: Delivery) => {
    offered.push(`${id} ${delivery.attempt}`);
    started.add();
    if (offered.filter((line) => line.startsWith("sdk")).length > 1) return;
    await new Promise((resolve) => delivery.signal.addEventListener("abort", resolve, { once: true }));
    offered.push("told");
  });
  await vendor.start();
  plainVendor(hub, "plain", ({ id, attempt }) => {
    offered.push(`${id} ${attempt}`);
    started.add();
  });
  await started.atLeast(2);
  const drained = hub.running.program.awaitLine(({ msg }) => msg === "drained");
  await restartInOrder(hub);
  expect(await drained).toMatchObject({ handedBack: 2 });
  await started.atLeast(4);
  expect(offered.sort()).toEqual(["plain-1 1", "plain-1 1", "sdk-1 1", "sdk-1 1", "told"]);
});

test("while it drains nothing new is begun; it ends when the last hand is empty, and an ack in the meantime counts", async () => {
  await using hub = await startTestHub({ args: ["--drain", "60s"] });
  const vendor = await connectPlain(hub.url, "/vendor", vendorToken(hub, "acme"));
  const driver = await connectPlain(hub.url, "/driver", driverToken(hub));
  const publish = (parcel: string) => driver.request("pickup", { parcel, store: "acme" });
  await vendor.request("subscribe", {});
  expect(await publish("p1")).toMatchObject({ outcome: "stored" });
  const [held] = await vendor.take(1);
  const told = Promise.all([vendor, driver].map(({ socket }) => new Promise((resolve) => socket.once("draining", resolve))));
  const left = Promise.all([vendor, driver].map(({ socket }) => new Promise((resolve) => socket.once("disconnect", resolve))));
  hub.running.program.signal("SIGTERM");
  expect(await told).toMatchObject([{ reconnectInMs: expect.any(Number) }, { reconnectInMs: expect.any(Number) }]);

  const refused = { outcome: "refused", error: { code: "HUB_DRAINING", retry: "reconnect" } };
  expect(await publish("p2")).toMatchObject(refused);
  for (const [name, body] of [
    ["take", { parcel: "p1" }],
    ["jobs", {}],
    ["hello", { producer: "producer-1", incarnation: 1 }],
    ["subscribe", {}],
  ] as const)
    expect(await driver.request(name, body), name).toMatchObject(refused);
  expect(await vendor.request("sync", {})).toEqual({ outcome: "done" });
  expect((await fetch(`${hub.url}/socket.io/?EIO=4&transport=polling`)).status).toBe(403);
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(503);

  held?.ack();
  expect(await hub.running.program.ended).toEqual({ code: 0, signal: null });
  expect(await left).toEqual(["transport close", "transport close"]);
  expect([vendor.socket.active, driver.socket.active]).toEqual([true, true]);
  await hub.running.restart();
  await using admin = await createAdmin({ url: hub.url, token: hub.token({ role: "admin" }) });
  expect(await admin.subscription({ queue: "store/acme" })).toMatchObject({ pending: 0, stuck: 0, dead: 0 });
  vendor.close();
  driver.close();
});

test("a second signal ends it at once, and what was confirmed is there", async () => {
  await using hub = await startTestHub({ args: ["--drain", "60s"] });
  const vendor = await connectPlain(hub.url, "/vendor", vendorToken(hub, "acme"));
  const driver = await connectPlain(hub.url, "/driver", driverToken(hub));
  await vendor.request("subscribe", {});
  const ids = Array.from({ length: 20 }, (_, index) => `e${index}`);
  for (const id of ids) expect(await driver.request("pickup", { id, parcel: id, store: "acme" })).toMatchObject({ outcome: "stored" });
  await vendor.take(20);
  const draining = new Promise((resolve) => vendor.socket.once("draining", resolve));
  hub.running.program.signal("SIGTERM");
  await draining;
  expect(await hub.running.program.stop()).toEqual({ code: 143, signal: null });
  for (const client of [vendor, driver]) client.close();
  await hub.running.restart();
  const again = await connectPlain(hub.url, "/vendor", vendorToken(hub, "acme"));
  await again.request("subscribe", {});
  const got: string[] = [];
  while (got.length < 20) {
    const [delivery] = await again.take(1);
    got.push(String(delivery?.event.id));
    delivery?.ack();
  }
  expect(got.sort()).toEqual(ids.sort());
  again.close();
});

test("a peer that never answers the close of its websocket does not keep the hub", async () => {
  await using hub = await startTestHub();
  const peer = connect(hub.running.port, "127.0.0.1");
  onTestFinished(() => void peer.destroy());
  const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", `Sec-WebSocket-Key: ${"A".repeat(22)}==`];
  peer.write(["GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", "Host: h", ...upgrade, "\r\n"].join("\r\n"));
  const opened = Promise.withResolvers<void>();
  peer.on("data", (bytes) => bytes.includes("sid") && opened.resolve());
  await opened.promise;
  // The websocket's own patience with such a peer is 30 s.
  expect(await hub.running.program.stop({ graceMs: 25_000 })).toEqual({ code: 0, signal: null });
});
