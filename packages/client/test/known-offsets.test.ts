import { expect, test } from "vitest";
import { newVendor, once, startHub } from "./setup.ts";

const QUEUE = "store/acme";

test("after a restore an offset may name another event: nothing handled before is remembered", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen: string[] = [];
  vendor.onOther(({ id }) => void seen.push(id));
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  await vendor.start();
  await hub.until(() => hub.group(QUEUE).settled.has(1));
  hub.storageId = "storage-2";
  hub.queues.clear();
  hub.groups.clear();
  hub.append(QUEUE, { id: "e9", parcel: "p9" });
  for (const socket of hub.sockets) socket.disconnect(true);
  await hub.until(() => hub.group(QUEUE).settled.has(1));
  expect(seen).toEqual(["e1", "e9"]);
});

test("an older copy of the hub's folder, put back by hand: another event at a known offset is handled, whatever ran or was handled there", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen: string[] = [];
  const [started, goOn] = [once(), once()];
  vendor.onOther(async ({ id }, delivery) => {
    seen.push(id);
    if (id !== "old-2") return;
    started.resolve();
    await goOn.promise;
    delivery.ack();
  });
  for (const n of [1, 2]) hub.append(QUEUE, { id: `old-${n}`, parcel: `p${n}` });
  await vendor.start();
  await started.promise;
  await hub.until(() => hub.group(QUEUE).settled.has(1));
  hub.queues.clear();
  hub.groups.clear();
  hub.recordedFromMs += 60_000;
  for (const n of [1, 2]) hub.append(QUEUE, { id: `new-${n}`, parcel: `p${n + 7}` });
  for (const socket of hub.sockets) socket.disconnect(true);
  await hub.until(() => hub.group(QUEUE).settled.size === 2);
  expect(seen.toSorted()).toEqual(["new-1", "new-2", "old-1", "old-2"]);
  const before = hub.settles.length;
  goOn.resolve();
  hub.append(QUEUE, { id: "new-3", parcel: "p9" });
  await hub.until(() => hub.group(QUEUE).settled.has(3));
  expect(hub.settles.slice(before).flatMap(({ acks = [] }) => acks)).toHaveLength(1);
});

test.each(["a restore", "a reset"])("what runs on after %s is not taken for the new event at its offset", async (how) => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen: string[] = [];
  const [started, goOn, ended, isSeated] = [once(), once(), once(), once()];
  vendor.onOther(async ({ id }, delivery) => {
    seen.push(id);
    if (id === "new-1") isSeated.resolve();
    if (id !== "old-2") return;
    started.resolve();
    await goOn.promise;
    delivery.ack();
    ended.resolve();
  });
  for (const n of [1, 2]) hub.append(QUEUE, { id: `old-${n}`, parcel: `p${n}` });
  await vendor.start();
  await started.promise;
  hub.queues.clear();
  hub.groups.clear();
  hub.append(QUEUE, { id: "new-1", parcel: "p8" });
  if (how === "a restore") {
    hub.storageId = "storage-2";
    for (const socket of hub.sockets) socket.disconnect(true);
  } else {
    hub.group(QUEUE).generation = 2;
    for (const { sub, socket } of hub.seats) socket.emit("reset", { sub, generation: 2, floor: 0 });
  }
  await isSeated.promise;
  goOn.resolve();
  await ended.promise;
  hub.append(QUEUE, { id: "new-2", parcel: "p9" });
  await hub.until(() => hub.group(QUEUE).settled.has(2));
  expect(seen).toEqual(["old-1", "old-2", "new-1", "new-2"]);
});

test("a handler that runs on over a reset and a new start of the hub acks nothing: its event is handled again", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const [started, goOn, again] = [once(), once(), once()];
  let calls = 0;
  /** Resolves when all that the hub has sent until now was heard. */
  const heard = async (mark: number): Promise<void> => {
    const told = once();
    const stop = vendor.listen("gap", ({ from }) => from === mark && told.resolve());
    for (const { sub, socket } of hub.seats) socket.emit("gap", { sub, from: mark, to: mark });
    await told.promise;
    stop();
  };
  vendor.onOther(async () => {
    calls += 1;
    if (calls === 2) return again.resolve();
    started.resolve();
    await goOn.promise;
  });
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  await vendor.start();
  await started.promise;
  hub.group(QUEUE).generation = 2;
  for (const { sub, socket } of hub.seats) {
    socket.emit("reset", { sub, generation: 2, floor: 0 });
    // Offered in the new generation, it waits behind the handler that runs on.
    hub.offerAgain(QUEUE, 1);
  }
  await heard(8);
  hub.epoch = 2;
  for (const socket of hub.sockets) socket.conn.close();
  await hub.until(() => hub.subscribes.length === 2 && hub.group(QUEUE).holder.has(1));
  await heard(9);
  goOn.resolve();
  await again.promise;
  await hub.until(() => hub.group(QUEUE).settled.has(1));
  expect(calls).toBe(2);
});

test("a gap is told once, though it is in the answer and in a notice", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const gaps: unknown[] = [];
  vendor.listen("gap", (gap) => gaps.push(gap));
  vendor.onOther(() => {});
  await vendor.start();
  const tell = (from: number, to: number) => {
    for (const { sub, socket } of hub.seats) socket.emit("gap", { sub, from, to });
  };
  tell(1, 10);
  tell(1, 10);
  tell(20, 30);
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  await hub.until(() => hub.group(QUEUE).settled.has(1));
  expect(gaps).toEqual([
    { queue: QUEUE, group: "main", from: 1, to: 10 },
    { queue: QUEUE, group: "main", from: 20, to: 30 },
  ]);
});
