import type { Settle } from "@waybill/events";
import type { DeliveryItem, EngineOptions } from "@waybill/queue";
import { openMemoryStorage, type Storage } from "@waybill/storage";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { itemByHub } from "../../test/item-by-hub.ts";
import { quietProof } from "../../test/quiet-proof.ts";
import { type Committer, createCommitter } from "../commit/committer.ts";
import type { HubConfig, Proof } from "../hub-parts.ts";
import type { Consumer } from "./consumer.ts";
import { QueuedEvent } from "./entry.ts";
import { createRegistry, type Registry } from "./registry.ts";

const key = { tenant: "default", queue: "store/acme", group: "main" };
const engine: Pick<EngineOptions, "failedMax" | "interruptedMax" | "backoffMs" | "backoffMaxMs"> = {
  failedMax: 5,
  interruptedMax: 20,
  backoffMs: 10,
  backoffMaxMs: 100,
};
const config: HubConfig = { open: true, leaseMs: 30_000, offerMs: 1_000, drainMs: 1_000, idleMs: 60_000, pickupDueMs: 1_000, engine };

const nobodyWaits = { settled: () => {}, renewed: () => {} };

let storage: Storage;
let committer: Committer;
let registry: Registry;
let faults: string[];
let skewMs = 0;
const clock = { nowMs: () => Math.floor(performance.now()) + skewMs };

beforeEach(async () => {
  storage = await openMemoryStorage();
  faults = [];
  const nothing = () => {};
  const proof: Proof = { ...quietProof, fault: (message) => void faults.push(message) };
  committer = createCommitter({ storage, clock, onStored: nothing, onFailed: nothing });
  registry = createRegistry({ storage, committer, clock, proof, config, settles: nobodyWaits });
});

async function append(...ids: string[]) {
  await storage.commit({ nowMs: clock.nowMs(), items: ids.map((id) => itemByHub(id)), progress: [] });
}

/** A consumer that keeps what it was sent, for the test to settle. */
function consumer(instance = "one") {
  const held: { token: number; offset: number }[] = [];
  const lost: unknown[] = [];
  let wake = () => {};
  const seat: Consumer = {
    instance,
    by: "vendor acme",
    mode: "frames",
    credit: { events: 100, bytes: 100_000 },
    seat: 0,
    deliver(first, items: readonly DeliveryItem[]) {
      for (const [index, { entry }] of items.entries()) held.push({ token: first + index, offset: entry.offset });
      wake();
    },
    lost: (_epoch, tokens) => lost.push(...tokens),
    reset: () => {},
    gap: () => {},
    abandon: () => {},
  };
  const take = async (count: number) => {
    while (held.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return held.splice(0, count);
  };
  return { seat, take, lost };
}
const ack = (tokens: number[]): Omit<Settle, "sub"> => ({ epoch: storage.info.epoch, acks: tokens.map((token) => [token, token]) });
const floor = async () => (await storage.subscription(key))?.progress.cursor;

test("a consumer gets what is stored, and its acks are stored in turn", async () => {
  await append("a", "b");
  const runner = registry.obtain(key);
  await runner.opened();
  const { seat, take } = consumer();
  runner.join(seat);
  const first = await take(2);
  expect(first.map(({ offset }) => offset)).toEqual([1, 2]);
  runner.settle(seat, ack(first.map(({ token }) => token)));
  await registry.drain();
  const again = await storage.subscription(key);
  expect([again?.progress.cursor, again?.progress.open]).toEqual([2, []]);
});

test("[P4] how far was offered is stored a while later, though nothing was settled", async () => {
  await append("a", "b");
  const { commit } = storage;
  const stored = Promise.withResolvers<number>();
  storage.commit = async (batch) => {
    const outcomes = await commit.call(storage, batch);
    for (const { write } of batch.progress) stored.resolve(write.progress.offeredTo);
    return outcomes;
  };
  const { seat, take } = consumer();
  registry.obtain(key).join(seat);
  await take(2);
  expect(await stored.promise).toBe(2);
});

test.each([
  ["asks for what is stored", () => registry.obtain(key).row()],
  ["ends the engine", () => registry.drain()],
])("[P4] how far was offered is stored before that for one who %s", async (_who, act) => {
  await append("a", "b");
  const { seat, take } = consumer();
  registry.obtain(key).join(seat);
  await take(2);
  await act();
  expect((await storage.subscription(key))?.progress.offeredTo).toBe(2);
});

test("what was in hand when the hub drained is offered again, uncounted", async () => {
  await append("a");
  const runner = registry.obtain(key);
  const { seat, take } = consumer();
  runner.join(seat);
  await take(1);
  await registry.drain();
  expect(runner.isOver()).toBe(true);
  expect((await storage.subscription(key))?.attempts).toEqual([]);
  const next = consumer("two");
  registry.obtain(key).join(next.seat);
  expect(await next.take(1)).toMatchObject([{ offset: 1 }]);
});

test("a registry that stops offers nothing; hands are empty when the last event was settled", async () => {
  await append("a", "b");
  const runner = registry.obtain(key);
  const { seat, take } = consumer();
  runner.join(seat);
  const [a, b] = await take(2);
  registry.stopOffering();
  const order: string[] = [];
  const empty = registry.handsEmpty().then(() => order.push("empty"));
  await append("c");
  registry.appended("default", "store/acme", { offset: 3, key: "p", type: "pickup", bytes: 1, recordedAtMs: 0, ref: null });
  runner.credit(seat, { events: 200, bytes: 200_000 });
  runner.settle(seat, ack([a?.token ?? 0]));
  await new Promise((resolve) => setImmediate(resolve));
  order.push("one is left");
  runner.settle(seat, ack([b?.token ?? 0]));
  await empty;
  expect(order).toEqual(["one is left", "empty"]);
  expect(runner.look((engine) => engine.view())).toMatchObject({ inHand: 0, cursor: 2 });
  expect(registry.handBack()).toBe(0);
  await registry.drain();
  expect(await floor()).toBe(2);
});

test("what is still in hand is handed back and told; its consumer may go, and nothing is counted", async () => {
  await append("a");
  const runner = registry.obtain(key);
  const { seat, take, lost } = consumer();
  runner.join(seat);
  const [held] = await take(1);
  runner.settle(seat, { epoch: storage.info.epoch, started: [[held?.token ?? 0, held?.token ?? 0]] });
  registry.stopOffering();
  expect(registry.handBack()).toBe(1);
  await registry.handsEmpty();
  expect(lost).toEqual([[held?.token, held?.token]]);
  runner.leave(seat, "disconnect");
  await registry.drain();
  expect(await storage.subscription(key)).toMatchObject({ attempts: [], progress: { offeredTo: 0 } });
});

test("an engine that is made or read again while the hub leaves offers nothing either", async () => {
  await append("a");
  registry.stopOffering();
  const runner = registry.obtain(key);
  const { seat, take } = consumer();
  let isOffered = false;
  void take(1).then(() => {
    isOffered = true;
  });
  runner.join(seat);
  await runner.opened();
  await registry.handsEmpty();
  await registry.drain();
  expect(isOffered).toBe(false);
});

test("after a failed commit the leases are lost, the row is read again, and tokens never repeat", async () => {
  await append("a", "b");
  const runner = registry.obtain(key);
  const { seat, take, lost } = consumer();
  runner.join(seat);
  const before = await take(2);
  const commit = storage.commit;
  storage.commit = async () => {
    storage.commit = commit;
    throw new Error("the disk said no");
  };
  runner.settle(seat, ack([before[0]?.token ?? 0]));
  const after = await take(2);
  expect(faults).toHaveLength(1);
  expect(lost).toEqual([[1, 2]]);
  expect(after.map(({ offset }) => offset)).toEqual([1, 2]);
  expect(Math.min(...after.map(({ token }) => token))).toBeGreaterThan(2);
  runner.settle(seat, ack(before.map(({ token }) => token)));
  runner.settle(seat, ack(after.map(({ token }) => token)));
  await registry.drain();
  expect(await floor()).toBe(2);
});

test("an ack of a delivery that a failed commit ended says nothing of the one that bears its number in the engine of then", async () => {
  await append("a", "b");
  const runner = registry.obtain(key);
  const { seat, take } = consumer();
  runner.join(seat);
  const before = await take(2);
  const commit = storage.commit;
  storage.commit = async () => {
    storage.commit = commit;
    throw new Error("the disk said no");
  };
  runner.acked(seat, before[0]?.token ?? 0);
  const after = await take(2);
  for (const { token } of before) runner.acked(seat, token);
  expect((await runner.row()).progress.open).toEqual([[1, 2]]);
  for (const { token } of after) runner.acked(seat, token);
  expect((await runner.row()).progress.open).toEqual([]);
});

test("a retry that was asked for while an earlier timer was pending is not forgotten", async () => {
  await append("a", "b");
  const runner = registry.obtain(key);
  const { seat, take } = consumer();
  runner.join(seat);
  const [a, b] = await take(2);
  const nack = (token = 0, delayMs = 0) => runner.settle(seat, { epoch: storage.info.epoch, nacks: [{ token, delayMs }] });
  nack(a?.token, 100);
  await new Promise((resolve) => setImmediate(resolve));
  // Hub time passes the first retry before its timer fires; the next input already brings that retry, and a later one is asked for.
  skewMs += 150;
  nack(b?.token, 200);
  expect(await take(1)).toMatchObject([{ offset: 1 }]);
  expect(await take(1)).toMatchObject([{ offset: 2 }]);
});

/** So many turns of the loop. */
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test("an event that was offered takes its engine one more turn: what its consumer only tells, and the answers to its writes, take none", async () => {
  // An engine is given a chance of its own for each turn.
  const chances = vi.spyOn(Math, "random");
  onTestFinished(() => chances.mockRestore());
  // A tenth of a second after the offer it would be written by itself: on a busy machine that comes before the ack.
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  await append("a");
  const runner = registry.obtain(key);
  const { seat, take } = consumer();
  runner.join(seat);
  const [{ token } = { token: 0 }] = await take(1);
  await committer.idle();
  await turns(3);
  const before = chances.mock.calls.length;
  runner.settle(seat, { epoch: storage.info.epoch, started: [[token, token]] });
  await turns(3);
  runner.settle(seat, ack([token]));
  await turns(3);
  await committer.idle();
  await turns(3);
  expect([await floor(), chances.mock.calls.length - before]).toEqual([1, 1]);
});

test("that a handler has started counts when its consumer is gone, although nothing came in between", async () => {
  await append("a");
  const runner = registry.obtain(key);
  const { seat, take } = consumer();
  runner.join(seat);
  const [{ token } = { token: 0 }] = await take(1);
  runner.settle(seat, { epoch: storage.info.epoch, started: [[token, token]] });
  runner.leave(seat, "disconnect");
  await registry.drain();
  expect((await storage.subscription(key))?.attempts).toMatchObject([{ offset: 1, interrupted: 1 }]);
});

test("an engine whose last consumer goes keeps nothing waiting, and is given up when its time has come", async () => {
  await append("a");
  const runner = registry.obtain(key);
  const { seat, take } = consumer();
  runner.join(seat);
  const [{ token } = { token: 0 }] = await take(1);
  runner.settle(seat, ack([token]));
  await committer.idle();
  runner.leave(seat, "withdraw");
  await turns(3);
  await committer.idle();
  await turns(3);
  skewMs += 60_000;
  expect(runner.idleForMs()).toBeGreaterThanOrEqual(60_000);
});

test("what a consumer has in hand for long keeps nothing of the frame that it came with", async () => {
  vi.useFakeTimers({ toFake: ["setInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const swept = createRegistry({ storage, committer, clock, proof: quietProof, config, settles: nobodyWaits });
  const { seat, take } = consumer();
  const runner = swept.obtain(key);
  runner.join(seat);
  await runner.opened();
  await append("a");
  const body = Buffer.alloc(60_000).subarray(0, 200);
  const entry = new QueuedEvent({ id: "a", type: "pickup", parcel: "p", body }, { offset: 1, recordedAtMs: clock.nowMs() }, 0);
  swept.appended("default", "store/acme", entry);
  await take(1);
  expect(entry.body).toBe(body);
  vi.advanceTimersByTime(5_000);
  expect(entry.body.buffer.byteLength).toBeLessThan(10_000);
  expect(entry.body.length).toBe(200);
  await swept.drain();
});

test("an engine that nobody obtained takes nothing and costs nothing", () => {
  registry.appended("default", "store/other", { offset: 1, key: "p", type: "pickup", bytes: 1, recordedAtMs: 0, ref: null });
  expect([...registry.runners()]).toEqual([]);
});

test("a subscription that does not exist is refused, and the next try starts anew", async () => {
  const unknown = { ...key, group: "nobody" };
  await expect(registry.obtain(unknown).opened()).rejects.toMatchObject({ code: "UNKNOWN_GROUP" });
  await storage.createSubscription(unknown, { start: "start", types: null, policy: "block" });
  await expect(registry.obtain(unknown).opened()).resolves.toMatchObject({ key: unknown });
});
