import { limits } from "@waybill/events";
import { expect, test } from "vitest";
import { newDriver, newVendor, once, startHub } from "./setup.ts";

const QUEUE = "store/acme";

test("returned is ack, thrown is nack with its reason, and the next attempt says so", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const attempts: number[] = [];
  vendor.on("in-transit", (event, delivery) => {
    attempts.push(delivery.attempt);
    if (delivery.attempt === 1) throw new Error(`cannot print ${event.parcel}`);
  });
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  await vendor.start({ types: ["in-transit"] });
  await hub.until(() => hub.group(QUEUE).settled.has(1));
  expect(attempts).toEqual([1, 2]);
  expect(hub.settles.flatMap(({ nacks = [] }) => nacks)).toMatchObject([{ reason: "cannot print p1" }]);
});

test("a thousand failures with long reasons are told in messages that the hub takes", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub).onOther(() => {
    throw new Error("\u0007".repeat(1_000));
  });
  const events = Array.from({ length: limits.creditEventsMax }, (_, index) => ({ id: `e${index}`, parcel: `p${index}` }));
  for (const event of events) hub.append(QUEUE, event);
  await vendor.start();
  const told = () => new Set(hub.settles.flatMap(({ nacks = [] }) => nacks.map(({ token }) => token)));
  await hub.until(() => told().size >= events.length);
  const sizes = hub.settles.map((settle) => JSON.stringify(settle).length);
  expect(sizes.filter((size) => size > limits.frameBytesMax)).toEqual([]);
});

test("a delivery tells where the event stands", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen = once<object>();
  vendor.onOther((event, { queue, group, offset, recordedAt, attempt, redrive, token }) => {
    seen.resolve({ id: event.id, queue, group, offset, recordedAt: recordedAt.getTime(), attempt, redrive, token });
  });
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  await vendor.start({ group: "audit", from: "start" });
  expect(await seen.promise).toEqual({
    id: "e1",
    queue: QUEUE,
    group: "audit",
    offset: 1,
    recordedAt: 1_770_000_000_001,
    attempt: 1,
    redrive: 0,
    token: "1.1",
  });
});

test("the default queues are the token's own: stores of a vendor, the driver's of a driver", async () => {
  const hub = await startHub();
  hub.stores = ["acme", "zoo"];
  await newVendor(hub)
    .onOther(() => {})
    .start();
  await newDriver(hub)
    .onOther(() => {})
    .start();
  expect(hub.seats.map(({ queue }) => queue).sort()).toEqual(["driver/dora", "store/acme", "store/zoo"]);
});

test("an event type without a handler is an error at start", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub).on("delivered", () => {});
  await expect(vendor.start()).rejects.toMatchObject({ code: "UNKNOWN_TYPE" });
  await expect(vendor.start({ types: ["delivered", "pickup"] })).rejects.toThrow("No handler for pickup");
  await expect(vendor.start({ types: ["delivered"] })).resolves.toBeUndefined();
});

test("handlers run over parcels at once, so many, and never two of one parcel", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const running = new Set<string>();
  const order = new Map<string, number[]>();
  let most = 0;
  let overlaps = 0;
  vendor.onOther(async ({ parcel }, { offset }) => {
    if (running.has(parcel)) overlaps += 1;
    running.add(parcel);
    most = Math.max(most, running.size);
    order.set(parcel, [...(order.get(parcel) ?? []), offset]);
    for (let turn = 0; turn < 1 + (offset % 7) * 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    running.delete(parcel);
  });
  for (let i = 0; i < 200; i += 1) hub.append(QUEUE, { id: `e${i}`, parcel: `p${i % 9}` });
  await vendor.start({ concurrency: 4, credit: { events: 20, bytes: 1_000_000 } });
  await hub.until(() => hub.group(QUEUE).settled.size === 200);
  expect({ most, overlaps }).toEqual({ most: 4, overlaps: 0 });
  for (const offsets of order.values()) expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
});

test("an event that arrives while one of its parcel is handled waits for it", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const steps: string[] = [];
  const started = once();
  const go = once();
  vendor.onOther(async ({ id }) => {
    steps.push(`${id} starts`);
    if (id === "b1") go.resolve();
    if (id === "a1") started.resolve();
    if (id === "a1") await go.promise;
    steps.push(`${id} ends`);
  });
  hub.append(QUEUE, { id: "a1", parcel: "a" });
  await vendor.start();
  await started.promise;
  hub.append(QUEUE, { id: "a2", parcel: "a" });
  hub.append(QUEUE, { id: "b1", parcel: "b" });
  await hub.until(() => hub.group(QUEUE).settled.size === 3);
  expect(steps.filter((step) => step.startsWith("a"))).toEqual(["a1 starts", "a1 ends", "a2 starts", "a2 ends"]);
});

test("the hub is told of a start before the handler runs, and acks go as ranges", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  for (let i = 0; i < 1_000; i += 1) hub.append(QUEUE, { id: `e${i}`, parcel: `p${i}` });
  vendor.onOther(() => {});
  await vendor.start();
  await hub.until(() => hub.group(QUEUE).settled.size === 1_000);
  expect(hub.settles[0]).toEqual({ sub: 1, epoch: 1, started: [[1, 16]] });
  // How many start next depends on how quickly these were done.
  expect(hub.settles[1]).toMatchObject({ acks: [[1, 16]], started: [[17, expect.any(Number)]] });
  expect(hub.settles.length).toBeLessThan(80);
});

test("a handler that takes its time ends a long burst: never more at once than were asked for", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const go = once();
  let running = 0;
  let most = 0;
  for (let i = 0; i < 300; i += 1) hub.append(QUEUE, { id: `e${i}`, parcel: `p${i}` });
  vendor.onOther(async (_event, { offset }) => {
    running += 1;
    most = Math.max(most, running);
    await go.promise;
    running -= 1;
    return offset;
  });
  vendor.on("in-transit", () => {});
  for (let i = 0; i < 200; i += 1) hub.append(QUEUE, { id: `d${i}`, parcel: `q${i}`, type: "delivered" });
  await vendor.start({ concurrency: 8 });
  await hub.until(() => hub.group(QUEUE).settled.size === 300 && running === 8);
  go.resolve();
  await hub.until(() => hub.group(QUEUE).settled.size === 500);
  expect(most).toBe(8);
});

test("a client that is closed by a handler in the midst of a burst hands the rest of it back", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen: number[] = [];
  let closing: Promise<void> | null = null;
  for (let i = 1; i <= 100; i += 1) hub.append(QUEUE, { id: `e${i}`, parcel: `p${i}` });
  vendor.onOther((_event, { offset }) => {
    seen.push(offset);
    if (offset === 20) closing = vendor.close();
  });
  await vendor.start();
  await hub.until(() => hub.group(QUEUE).settled.size === 20 && hub.seats.length === 0);
  await closing;
  expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  const withdrawn = hub.settles.flatMap(({ withdraws = [] }) => withdraws);
  expect(withdrawn.reduce((sum, [from, to]) => sum + to - from + 1, 0)).toBe(80);
});

test("a nack voids what waits behind it: the parcel's order is kept over the retry", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen: string[] = [];
  vendor.onOther(({ id, parcel }, { attempt }) => {
    seen.push(id);
    if (id === "a1" && attempt < 3) throw new Error("not yet");
    expect(parcel).toBe("a");
  });
  for (const id of ["a1", "a2", "a3"]) hub.append(QUEUE, { id, parcel: "a" });
  await vendor.start();
  await hub.until(() => hub.group(QUEUE).settled.size === 3);
  expect(seen).toEqual(["a1", "a1", "a1", "a2", "a3"]);
});

test("what the hub sent before it knew of the nack goes back unhandled", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen: string[] = [];
  const failing = once();
  const go = once();
  vendor.onOther(async ({ id }, { attempt }) => {
    seen.push(id);
    if (id !== "a1" || attempt > 1) return;
    failing.resolve();
    await go.promise;
    throw new Error("not yet");
  });
  hub.append(QUEUE, { id: "a1", parcel: "a" });
  await vendor.start();
  await failing.promise;
  // The nack is under way, and so is a2: it arrives first.
  const held: (() => void)[] = [];
  hub.faults.beforeDeliver = (send) => held.push(send);
  hub.append(QUEUE, { id: "a2", parcel: "a" });
  await hub.until(() => held.length === 1);
  delete hub.faults.beforeDeliver;
  const nacked = hub.until(() => hub.settles.some(({ nacks }) => nacks !== undefined));
  const settle = vendor.listen("error", () => {});
  go.resolve();
  for (const send of held) send();
  await nacked;
  await hub.until(() => hub.group(QUEUE).settled.size === 2);
  settle();
  expect(seen).toEqual(["a1", "a1", "a2"]);
});

test("a parcel that failed and went on elsewhere is not kept back for ever", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen: string[] = [];
  vendor.onOther(({ id }, delivery) => {
    seen.push(id);
    if (id === "a1") delivery.reject("no such shelf");
  });
  hub.append(QUEUE, { id: "a1", parcel: "a" });
  hub.faults.beforeDeliver = (send) => {
    hub.group(QUEUE).settled.add(1); // Buried, as soon as it is offered: it never comes again.
    send();
  };
  await vendor.start();
  await hub.until(() => hub.requests.includes("sync"));
  hub.append(QUEUE, { id: "a2", parcel: "a" });
  await hub.until(() => hub.group(QUEUE).settled.has(2));
  expect(seen).toEqual(["a1", "a2"]);
});

test("reject, and explicit nack with a delay, reach the hub", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  vendor.onOther(({ id }, delivery) => {
    if (id === "e1") delivery.reject("no such shelf");
    if (id === "e2") delivery.nack({ delayMs: 5_000, reason: "r".repeat(2_000) });
    delivery.ack(); // The first verdict counts.
  });
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  hub.append(QUEUE, { id: "e2", parcel: "p2" });
  await vendor.start({ credit: { events: 2, bytes: 1_000_000 } });
  await hub.until(() => hub.settles.some(({ nacks }) => nacks !== undefined));
  const settle = hub.settles.find(({ nacks }) => nacks !== undefined);
  expect(settle?.rejects).toEqual([{ token: 1, reason: "no such shelf" }]);
  expect(settle?.nacks).toEqual([{ token: 2, delayMs: 5_000, reason: "r".repeat(512) }]);
});

test("leases of all in hand are extended while handlers run", async () => {
  const hub = await startHub();
  hub.leaseMs = 30;
  const vendor = newVendor(hub);
  const go = once();
  vendor.onOther(() => go.promise);
  for (let i = 0; i < 20; i += 1) hub.append(QUEUE, { id: `e${i}`, parcel: `p${i}` });
  await vendor.start();
  await hub.until(() => hub.settles.filter((settle) => settle.extends !== undefined).length >= 2);
  expect(hub.settles.find((settle) => settle.extends !== undefined)?.extends).toEqual([[1, 20]]);
  go.resolve();
  await hub.until(() => hub.group(QUEUE).settled.size === 20);
});

test("a lost lease aborts the signal, drops what waits, and the handler's return proves nothing", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const started = once();
  const seen: string[] = [];
  vendor.onOther(async ({ id }, { signal, token }) => {
    seen.push(`${id} ${token}`);
    if (token !== "1.1") return;
    started.resolve();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  });
  hub.append(QUEUE, { id: "a1", parcel: "a" });
  hub.append(QUEUE, { id: "a2", parcel: "a" });
  await vendor.start();
  await started.promise;
  const [seat] = hub.seats;
  if (seat === undefined) throw new Error("no seat");
  hub.lose(seat, [[1, 2]]);
  hub.offer();
  await hub.until(() => hub.group(QUEUE).settled.size === 2);
  expect(seen).toEqual(["a1 1.1", "a1 1.3", "a2 1.4"]);
  expect(hub.settles.flatMap(({ acks = [] }) => acks)).not.toContainEqual([1, 1]);
});

test("what waits behind a lost lease goes back, and comes behind the event that is offered again", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const started = once();
  const seen: string[] = [];
  vendor.onOther(async ({ id }, { signal, token }) => {
    seen.push(id);
    if (token !== "1.1") return;
    started.resolve();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  });
  for (const [id, parcel] of [
    ["a1", "a"],
    ["a2", "a"],
    ["b1", "b"],
  ] as const)
    hub.append(QUEUE, { id, parcel });
  await vendor.start();
  await started.promise;
  const [seat] = hub.seats;
  if (seat === undefined) throw new Error("no seat");
  hub.lose(seat, [[1, 1]]);
  const withdrawn = () => hub.settles.flatMap(({ withdraws = [] }) => withdraws);
  await hub.until(() => withdrawn().length > 0);
  hub.offer();
  await hub.until(() => hub.group(QUEUE).settled.size === 3);
  expect(withdrawn()).toEqual([[2, 2]]);
  expect(seen.filter((id) => id.startsWith("a"))).toEqual(["a1", "a1", "a2"]);
});

test("a reset drops what was not started and remembers nothing", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen: number[] = [];
  vendor.onOther((_event, { offset }) => void seen.push(offset));
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  await vendor.start();
  await hub.until(() => hub.group(QUEUE).settled.size === 1);
  const group = hub.group(QUEUE);
  group.generation = 2;
  group.settled.clear();
  for (const { socket, sub } of hub.seats) socket.emit("reset", { sub, generation: 2, floor: 0 });
  hub.offer();
  await hub.until(() => group.settled.size === 1);
  expect(seen).toEqual([1, 1]);
});

test("the loop: each is settled by hand, leaving it hands the rest back", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  for (let i = 1; i <= 5; i += 1) hub.append(QUEUE, { id: `e${i}`, parcel: `p${i}` });
  const seen: string[] = [];
  for await (const delivery of vendor.deliveries()) {
    seen.push(delivery.event.id);
    if (seen.length === 3) break;
    delivery.ack();
  }
  expect(seen).toEqual(["e1", "e2", "e3"]);
  expect([...hub.group(QUEUE).settled]).toEqual([1, 2]);
  expect(hub.group(QUEUE).holder.size).toBe(0);
  expect(hub.seats).toEqual([]);
});

test("the loop: a parcel's next event comes when the one before it is settled", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  hub.append(QUEUE, { id: "a1", parcel: "a" });
  hub.append(QUEUE, { id: "a2", parcel: "a" });
  hub.append(QUEUE, { id: "b1", parcel: "b" });
  const loop = vendor.deliveries()[Symbol.asyncIterator]();
  const [first, second] = [await loop.next(), await loop.next()];
  expect([first.value?.event.id, second.value?.event.id]).toEqual(["a1", "b1"]);
  first.value?.ack();
  expect((await loop.next()).value?.event.id).toBe("a2");
  await loop.return?.();
});

test("a loop ends when the client is closed", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const loop = vendor.deliveries()[Symbol.asyncIterator]();
  const next = loop.next();
  await hub.until(() => hub.seats.length === 1);
  await vendor.close();
  expect(await next).toEqual({ done: true, value: undefined });
});
