import { PROTOCOL_VERSION } from "@waybill/events";
import { expect, onTestFinished, test, vi } from "vitest";
import type { ClientStatus } from "../src/index.ts";
import { delivered, newDriver, newVendor, once, startHub } from "./setup.ts";

const QUEUE = "store/acme";
const unauthorized = { code: "UNAUTHORIZED", retry: "never", message: "expired" } as const;

test("it comes back after `io server disconnect`, which stops a plain client for good", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const why: string[] = [];
  driver.listen("status", (_status, reason) => why.push(reason));
  await driver.publish(delivered("p1"));
  for (const socket of hub.sockets) socket.disconnect(true);
  expect(await driver.publish(delivered("p1"))).toMatchObject({ offset: 2 });
  expect(why).toContain("io server disconnect");
});

test("a middleware's refusal is final with a fixed token: ready() and publish() say why", async () => {
  const hub = await startHub({ refuseConnection: () => unauthorized });
  const driver = newDriver(hub);
  const waiting = driver.publish(delivered("p1"));
  await expect(driver.ready()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  await expect(waiting).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  await expect(driver.publish(delivered("p1"))).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  expect(driver.status).toBe("closed");
});

test("with a token function the refusal asks for a new token", async () => {
  const hub = await startHub({ refuseConnection: ({ token }) => (token === "t3" ? null : unauthorized) });
  let asked = 0;
  const driver = newDriver(hub, { token: () => `t${++asked}` });
  await driver.ready();
  expect(hub.auths).toMatchObject([{ token: "t1", protocol: PROTOCOL_VERSION }, { token: "t2" }, { token: "t3" }]);
});

test("a refusal that may pass is not final, whatever the token", async () => {
  let refusals = 0;
  const hub = await startHub({ refuseConnection: () => (refusals++ < 2 ? { code: "BUSY", retry: "backoff", message: "later" } : null) });
  await newDriver(hub).ready();
  expect(hub.auths).toHaveLength(3);
});

test("a hub that does not speak this version of the wire is tried until it does; the program is told once, and nothing is lost", async () => {
  let refusals = 0;
  const refusal = { code: "UNSUPPORTED_PROTOCOL", retry: "never", message: "this hub speaks 7 and 8" } as const;
  const hub = await startHub({ refuseConnection: () => (refusals++ < 4 ? refusal : null) });
  const driver = newDriver(hub);
  const errors: Error[] = [];
  const whys: string[] = [];
  driver.listen("error", (error) => errors.push(error));
  driver.listen("status", (status, why) => status === "waiting" && whys.push(why));
  expect(await driver.publish(delivered("p1"))).toMatchObject({ outcome: "stored" });
  expect(hub.auths).toHaveLength(5);
  expect(errors).toMatchObject([refusal]);
  expect(whys).toEqual(Array.from({ length: 4 }, () => "UNSUPPORTED_PROTOCOL: this hub speaks 7 and 8"));

  // It is put back to an older one: news again.
  refusals = 3;
  for (const socket of hub.sockets) socket.conn.close();
  await hub.until(() => hub.auths.length === 7);
  await driver.ready();
  expect(errors).toHaveLength(2);
});

test("a hub that never says welcome is left", async () => {
  const hub = await startHub({ silent: true });
  const driver = newDriver(hub, { answerMs: 30 });
  await hub.until(() => hub.connections === 2);
  hub.faults.silent = false;
  await driver.ready();
});

test("a token function that fails is asked again", async () => {
  const hub = await startHub();
  let asked = 0;
  const driver = newDriver(hub, {
    token: async () => {
      asked += 1;
      if (asked === 1) throw new Error("the token service is away");
      return "t";
    },
  });
  await driver.ready();
  expect(asked).toBe(2);
});

test("a hub that leaves says when to come back", async () => {
  const hub = await startHub();
  const driver = newDriver(hub, { reconnectMs: 60_000, reconnectMsMax: 60_000 });
  await driver.ready();
  const seen: ClientStatus[] = [];
  driver.listen("status", (status) => seen.push(status));
  for (const socket of hub.sockets) socket.emit("draining", { reconnectInMs: 10 });
  await hub.until(() => hub.connections === 2);
  expect(await driver.publish(delivered("p1"))).toMatchObject({ outcome: "stored" });
  expect(seen).toEqual(["connecting", "connected"]);
});

test("a wall clock that is set back does not keep a client away from a hub that comes back", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  await driver.ready();
  for (const socket of hub.sockets) socket.emit("draining", { reconnectInMs: 30 });
  await driver.take("p1"); // Answered behind it: the hub's word has arrived.
  const wallMs = Date.now();
  vi.spyOn(Date, "now").mockImplementation(() => wallMs - 3_600_000);
  onTestFinished(() => void vi.restoreAllMocks());
  for (const socket of hub.sockets) socket.disconnect(true);
  await hub.until(() => hub.connections === 2);
  expect(await driver.take("p1")).toMatchObject({ parcel: "p1" });
});

test("a hello that is refused for a while is said again, also when an earlier connection waits for its own", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0); // The shortest waits: 50, 100, 200, 400 ms.
  onTestFinished(() => void vi.restoreAllMocks());
  let refusals = 0;
  const hub = await startHub({
    refuseHello: () => (refusals++ < 5 ? { code: "STORAGE_FULL", retry: "backoff", message: "the disk is full" } : null),
  });
  const driver = newDriver(hub);
  const published = driver.publish(delivered("p1"));
  await hub.until(() => refusals === 4);
  await driver.take("p1"); // Answered behind the refusal: that has arrived.
  for (const socket of hub.sockets) socket.disconnect(true);
  expect(await published).toMatchObject({ outcome: "stored" });
});

test("a handler that still runs is not started twice: its end is told under the new token", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const started = once();
  const go = once();
  let calls = 0;
  vendor.onOther(async () => {
    calls += 1;
    started.resolve();
    await go.promise;
  });
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  await vendor.start();
  await started.promise;
  for (const socket of hub.sockets) socket.disconnect(true);
  await hub.until(() => hub.settles.some((settle) => settle.sub === 2 && settle.started !== undefined));
  go.resolve();
  await hub.until(() => hub.group(QUEUE).settled.has(1));
  expect(calls).toBe(1);
  expect(hub.settles.at(-1)).toMatchObject({ sub: 2, acks: [[2, 2]] });
  expect(new Set(hub.seats.map(({ instance }) => instance)).size).toBe(1);
});

test("behind a failure that the hub has not heard of nothing of its parcel is started, however long the hub takes to answer", async () => {
  const slow: (() => void)[] = [];
  const isAskedAgain = once();
  const hub = await startHub({
    beforeHear: (name, hear) => {
      slow.push(hear);
      if (name === "sync" && slow.length > 3) isAskedAgain.resolve();
    },
  });
  const vendor = newVendor(hub, { answerMs: 40 });
  const seen: string[] = [];
  vendor.onOther(({ id }, { attempt }) => {
    seen.push(`${id} ${attempt}`);
    if (id === "e1" && attempt === 1) throw new Error("not yet");
  });
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  await vendor.start();
  await isAskedAgain.promise;
  hub.append(QUEUE, { id: "e2", parcel: "p1" });
  await hub.until(() => hub.group(QUEUE).holder.size === 2);
  hub.faults = {};
  for (const hear of slow.splice(0)) hear();
  await hub.until(() => hub.group(QUEUE).settled.size === 2);
  expect(seen).toEqual(["e1 1", "e1 2", "e2 1"]);
});

test("an event that was handed back for an earlier one's failure holds its parcel until it returns, also where the failed one's hold is over", async () => {
  /** What the client said since the failure, in its order; the hub has not heard it. */
  const slow: { name: string; hear: () => void }[] = [];
  const heardWhen = (isSo: (names: string) => boolean): Promise<void> => hub.until(() => isSo(slow.map(({ name }) => name).join(" ")));
  let isSlow = false;
  const hub = await startHub({
    beforeHear: (name, hear) => {
      if (isSlow) slow.push({ name, hear });
      else hear();
      hub.settle(QUEUE); // Nothing, but who waits for a change looks.
    },
  });
  const vendor = newVendor(hub);
  const seen: string[] = [];
  vendor.onOther(({ id }) => {
    seen.push(id);
    if (id !== "e1") return;
    isSlow = true;
    throw new Error("not yet");
  });
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  await vendor.start();
  await heardWhen((names) => names.endsWith("sync"));
  hub.append(QUEUE, { id: "e2", parcel: "p1" });
  await heardWhen((names) => /sync settle/.test(names)); // e2 goes back.

  // Meanwhile e1 was settled elsewhere: its failure comes too late to count, and the question behind it is answered.
  const [seat] = hub.seats;
  const [token = 0] = seat?.inHand.keys() ?? [];
  hub.settle(QUEUE, 1);
  if (seat) hub.lose(seat, [[token, token]]);
  for (const { hear } of slow.splice(0, slow.findIndex(({ name }) => name === "sync") + 1)) hear();
  const said = slow.length;
  hub.append(QUEUE, { id: "e3", parcel: "p1" });
  await hub.until(() => slow.length > said); // e3 has arrived, and went back or was started.
  hub.faults = {};
  for (const { hear } of slow.splice(0)) hear();
  await hub.until(() => hub.group(QUEUE).settled.size === 3);
  expect(seen).toEqual(["e1", "e2", "e3"]);
});

test("handled while offline: told when it is offered again, without a second call", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const started = once();
  const go = once();
  const seen: string[] = [];
  vendor.onOther(async ({ id }, { attempt }) => {
    seen.push(`${id} ${attempt}`);
    started.resolve();
    await go.promise;
    if (id === "e2" && attempt === 1) throw new Error("not yet");
  });
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  hub.append(QUEUE, { id: "e2", parcel: "p2" });
  await vendor.start();
  await started.promise;
  const down = once();
  vendor.listen("status", (status) => status === "waiting" && down.resolve());
  for (const socket of hub.sockets) socket.disconnect(true);
  await down.promise;
  go.resolve();
  await hub.until(() => hub.group(QUEUE).settled.size === 2);
  expect(seen).toEqual(["e1 1", "e2 1", "e2 2"]);
});

test("a failure that could not be told keeps its parcel's order after the reconnect", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const started = once();
  const go = once();
  const seen: string[] = [];
  vendor.onOther(async ({ id }) => {
    seen.push(id);
    started.resolve();
    await go.promise;
    if (seen.length === 1) throw new Error("not yet");
  });
  hub.append(QUEUE, { id: "a1", parcel: "a" });
  hub.append(QUEUE, { id: "a2", parcel: "a" });
  await vendor.start();
  await started.promise;
  const down = once();
  vendor.listen("status", (status) => status === "waiting" && down.resolve());
  for (const socket of hub.sockets) socket.disconnect(true);
  await down.promise;
  go.resolve();
  await hub.until(() => hub.group(QUEUE).settled.size === 2);
  expect(seen).toEqual(["a1", "a1", "a2"]);
});

test("an event that was handled and acked is acked again, not handled again; a redrive is", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen: number[] = [];
  vendor.onOther((_event, { redrive }) => void seen.push(redrive));
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  await vendor.start();
  await hub.until(() => hub.group(QUEUE).settled.has(1));
  hub.group(QUEUE).settled.clear(); // As a hub that lost its last commit.
  hub.offer();
  await hub.until(() => hub.group(QUEUE).settled.has(1));
  expect(seen).toEqual([0]);
  hub.group(QUEUE).settled.clear();
  hub.offerAgain(QUEUE, 1, { redrive: 1 });
  await hub.until(() => hub.group(QUEUE).settled.has(1));
  expect(seen).toEqual([0, 1]);
});

test("not started when the connection goes: dropped, and handled once when it is offered again", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen: string[] = [];
  vendor.onOther(async ({ id }) => {
    seen.push(id);
    await new Promise((resolve) => setImmediate(resolve));
    if (seen.length === 10) for (const socket of hub.sockets) socket.disconnect(true);
  });
  for (let i = 0; i < 60; i += 1) hub.append(QUEUE, { id: `e${i}`, parcel: `p${i % 5}` });
  await vendor.start({ concurrency: 3 });
  await hub.until(() => hub.group(QUEUE).settled.size === 60);
  expect(new Set(seen).size).toBe(60);
  expect(seen).toHaveLength(60);
});

test("a page whose device is back on a network does not wait for the timer", async () => {
  const device = new EventTarget();
  vi.stubGlobal("addEventListener", device.addEventListener.bind(device));
  vi.stubGlobal("removeEventListener", device.removeEventListener.bind(device));
  onTestFinished(() => void vi.unstubAllGlobals());
  const hub = await startHub();
  const driver = newDriver(hub, { reconnectMs: 60_000, reconnectMsMax: 60_000 });
  await driver.ready();
  const waits = once();
  driver.listen("status", (status) => status === "waiting" && waits.resolve());
  for (const socket of hub.sockets) socket.disconnect(true);
  await waits.promise;
  device.dispatchEvent(new Event("online"));
  await hub.until(() => hub.connections === 2);
});

test("an address that is none is told where the client is made", async () => {
  const hub = await startHub();
  expect(() => newDriver(hub, { url: "no address" })).toThrow("Invalid URL");
});
