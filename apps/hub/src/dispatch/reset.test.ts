import { type Settle, toJsonBytes } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import { openMemoryStorage, type Storage, type SubscriptionRow } from "@waybill/storage";
import { beforeEach, expect, test } from "vitest";
import { itemByHub } from "../../test/item-by-hub.ts";
import { quietProof } from "../../test/quiet-proof.ts";
import { createCommitter } from "../commit/committer.ts";
import type { HubConfig } from "../hub-parts.ts";
import type { Consumer } from "./consumer.ts";
import { createRegistry, type Registry } from "./registry.ts";
import { resetPlanOf } from "./reset-plan.ts";

const key = { tenant: "default", queue: "store/acme", group: "main" };
const engine = { failedMax: 5, interruptedMax: 20, backoffMs: 10, backoffMaxMs: 100 };
const config: HubConfig = { open: true, leaseMs: 30_000, offerMs: 1_000, idleMs: 60_000, pickupDueMs: 1_000, drainMs: 1_000, engine };
const nothing = () => {};

let storage: Storage;
let registry: Registry;

beforeEach(async () => {
  storage = await openMemoryStorage();
  const clock = { nowMs: () => Math.floor(performance.now()) };
  const committer = createCommitter({ storage, clock, onStored: nothing, onFailed: nothing });
  registry = createRegistry({ storage, committer, clock, proof: quietProof, config, settles: { settled: () => {}, renewed: () => {} } });
  await storage.commit({ nowMs: 1, items: ["a", "b", "c"].map((id) => itemByHub(id)), progress: [] });
});

type Held = { token: number; offset: number; generation: number };

/** A consumer that keeps what it was sent and told, in that order. */
function consumer() {
  const heard: (Held | { reset: number; floor: number } | { lost: unknown })[] = [];
  let wake = nothing;
  const hear = (...what: typeof heard) => {
    heard.push(...what);
    wake();
  };
  const seat: Consumer = {
    instance: "one",
    by: "vendor acme",
    mode: "frames",
    credit: { events: 100, bytes: 100_000 },
    seat: 0,
    deliver: (first, items: readonly DeliveryItem[], generation) =>
      hear(...items.map(({ entry }, index) => ({ token: first + index, offset: entry.offset, generation }))),
    lost: (_epoch, tokens) => hear({ lost: tokens }),
    reset: (reset, floor) => hear({ reset, floor }),
    gap: nothing,
    abandon: nothing,
  };
  const take = async (count: number) => {
    while (heard.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return heard.splice(0, count);
  };
  return { seat, take };
}
const tokensOf = (heard: readonly object[]): number[] => heard.flatMap((one) => ("token" in one ? [Number(one.token)] : []));
const ack = (tokens: readonly number[]): Omit<Settle, "sub"> => ({
  epoch: storage.info.epoch,
  acks: tokens.map((token) => [token, token]),
});
const toStart = async (row: SubscriptionRow) => (await resetPlanOf(storage, row, 1)).write;

test("[N2] consumers stay and are told before they are offered anything again; late acks of before settle nothing", async () => {
  const runner = registry.obtain(key);
  const { seat, take } = consumer();
  runner.join(seat);
  const before = tokensOf(await take(3));
  runner.settle(seat, ack([1]));
  await runner.reset(toStart);
  const [told, ...again] = await take(4);
  expect(told).toEqual({ reset: 2, floor: 0 });
  expect(again).toMatchObject([1, 2, 3].map((offset) => ({ offset, generation: 2 })));
  expect(Math.min(...tokensOf(again))).toBeGreaterThan(Math.max(...before));
  runner.settle(seat, ack(before));
  await runner.operate(() => []);
  expect(runner.look((engine) => engine.view())).toMatchObject({ floor: 0, inHand: 3 });
  runner.settle(seat, ack(tokensOf(again)));
  await registry.drain();
  expect((await storage.subscription(key))?.progress).toMatchObject({ generation: 2, cursor: 3, open: [], ackedTo: 3 });
});

test("[N2] nothing of before is written behind the reset", async () => {
  const runner = registry.obtain(key);
  const { seat, take } = consumer();
  runner.join(seat);
  const held = tokensOf(await take(3));
  // Handed over, and not committed yet when the reset is asked for.
  runner.settle(seat, ack(held));
  const seen: number[] = [];
  await runner.reset(async (row) => {
    seen.push(row.progress.cursor);
    return toStart(row);
  });
  expect(seen).toEqual([3]);
  expect((await storage.subscription(key))?.progress).toMatchObject({ generation: 2, cursor: 0 });
  expect(await take(4)).toMatchObject([{ reset: 2 }, { offset: 1 }, { offset: 2 }, { offset: 3 }]);
});

test("a plan that refuses, and a write that fails, leave all as it was; leases end, and it goes on", async () => {
  const runner = registry.obtain(key);
  const { seat, take } = consumer();
  runner.join(seat);
  await take(3);
  const refusal = runner.reset(async () => {
    throw new Error("not like this");
  });
  await expect(refusal).rejects.toThrow("not like this");
  // As after any engine that ended: what was in hand may be to blame, and comes alone [X1].
  expect(await take(2)).toMatchObject([{ lost: [[1, 3]] }, { offset: 1, generation: 1 }]);
  storage.resetSubscription = async () => {
    throw new Error("the disk said no");
  };
  await expect(runner.reset(toStart)).rejects.toThrow("the disk said no");
  expect(await take(2)).toMatchObject([{ lost: [[4, 4]] }, { offset: 1, generation: 1 }]);
  expect((await storage.subscription(key))?.progress.generation).toBe(1);
});

test("whoever ends the runner waits for its reset; a second one meanwhile is refused", async () => {
  const runner = registry.obtain(key);
  await runner.opened();
  const goOn = Promise.withResolvers<void>();
  const first = runner.reset(async (row) => {
    await goOn.promise;
    return toStart(row);
  });
  await expect(runner.reset(toStart)).rejects.toMatchObject({ code: "STORAGE_FAILED" });
  const renewed = registry.renew(key).then(() => storage.subscription(key));
  goOn.resolve();
  await first;
  expect((await renewed)?.progress.generation).toBe(2);
  expect(runner.isOver()).toBe(true);
});

test("events that are published while it goes on are offered once, after those of before", async () => {
  const runner = registry.obtain(key);
  const { seat, take } = consumer();
  runner.join(seat);
  await take(3);
  await runner.reset(async (row) => {
    const write = await toStart(row);
    runner.appended({
      offset: 4,
      key: "p",
      type: "pickup",
      bytes: 10,
      recordedAtMs: 2,
      ref: { id: "d", homeOffset: 0, body: toJsonBytes({}) },
    });
    await storage.commit({ nowMs: 2, items: [itemByHub("d", { parcel: "p" })], progress: [] });
    return write;
  });
  expect(await take(5)).toMatchObject([{ reset: 2 }, { offset: 1 }, { offset: 2 }, { offset: 3 }, { offset: 4 }]);
});
