import { limits } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import { openMemoryStorage, type Storage } from "@waybill/storage";
import { afterEach, beforeEach, expect, test } from "vitest";
import { itemByHub } from "../../test/item-by-hub.ts";
import { createCommitter } from "../commit/committer.ts";
import type { Consumer } from "../dispatch/consumer.ts";
import { createRegistry, type Registry } from "../dispatch/registry.ts";
import type { Proof } from "../hub-parts.ts";
import { createReceiptDesk, type ReceiptDesk } from "./receipt-desk.ts";

const key = { tenant: "default", queue: "store/acme", group: "main" };
const clock = { nowMs: () => Math.floor(performance.now()) };
const never = new AbortController().signal;
const LONG_MS = limits.receiptWaitMsMax;

let storage: Storage;
let registry: Registry;
let desk: ReceiptDesk;
let hold: { release: () => void } | null;

beforeEach(async () => {
  storage = await openMemoryStorage();
  hold = null;
  const { commit } = storage;
  let gate = Promise.resolve();
  storage.commit = async (batch) => {
    await gate;
    return commit.call(storage, batch);
  };
  holdCommits = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    hold = { release: resolve };
  };
  const nothing = () => {};
  const proof = new Proxy({} as Proof, { get: () => nothing });
  const committer = createCommitter({ storage, clock, onStored: nothing, onFailed: nothing });
  const engine = { failedMax: 5, interruptedMax: 20, backoffMs: 10, backoffMaxMs: 100 };
  const config = { open: true, leaseMs: 30_000, offerMs: 1_000, drainMs: 1_000, idleMs: 60_000, pickupDueMs: 1_000, engine };
  desk = createReceiptDesk({ storage, afterSettles: (of, task) => registry.afterSettles(of, task) });
  registry = createRegistry({ storage, committer, clock, proof, config, settles: desk });
});
afterEach(async () => {
  hold?.release();
  await registry.drain();
});
let holdCommits: () => void;

async function append(...ids: string[]) {
  const items = ids.map((id) => {
    const [type = "", parcel = ""] = id.split(" ");
    return itemByHub(id, { type, parcel });
  });
  await storage.commit({ nowMs: clock.nowMs(), items, progress: [] });
}

async function openShop() {
  const tokens = new Map<number, number>();
  let wake = () => {};
  const seat: Consumer = {
    instance: "one",
    by: "vendor acme",
    mode: "frames",
    credit: { events: 1_000, bytes: 1_000_000 },
    seat: 0,
    deliver(first, items: readonly DeliveryItem[]) {
      for (const [index, { entry }] of items.entries()) tokens.set(entry.offset, first + index);
      wake();
    },
    lost: () => {},
    reset: () => {},
    gap: () => {},
    abandon: () => {},
  };
  const runner = registry.obtain(key);
  await runner.opened();
  runner.join(seat);
  const token = async (offset: number): Promise<number> => {
    for (;;) {
      const known = tokens.get(offset);
      if (known !== undefined) return known;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const { epoch } = storage.info;
  return {
    runner,
    ack: async (offset: number) => runner.settle(seat, { epoch, acks: [[await token(offset), await token(offset)]] }),
    reject: async (offset: number) => runner.settle(seat, { epoch, rejects: [{ token: await token(offset) }] }),
  };
}

const look = (...offsets: number[]) => desk.look("default", key.queue, offsets);
const states = async (...offsets: number[]) => (await desk.states(await look(...offsets))).map(({ state }) => state);
const wait = async (...offsets: number[]) => (await desk.wait(await look(...offsets), LONG_MS, never)).map(({ state }) => state);
/** All that can happen without the held commit has happened. */
const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test("settled is told after the commit that has it, and not before", async () => {
  await append("pickup p1", "pickup p2");
  const shop = await openShop();
  let told: string[] | null = null;
  const asked = wait(1, 2).then((answer) => {
    told = answer;
  });
  await turns();
  holdCommits();
  await shop.ack(1);
  await turns();
  expect(told).toBeNull();
  expect(await states(1)).toEqual(["pending"]);
  hold?.release();
  await asked;
  expect(told).toEqual(["settled", "pending"]);
});

test("what was settled before anybody waited, and is on its way to the disk, is told when it is there", async () => {
  await append("pickup p1");
  const shop = await openShop();
  await turns();
  holdCommits();
  await shop.ack(1);
  await turns();
  const asked = wait(1);
  await turns();
  hold?.release();
  expect(await asked).toEqual(["settled"]);
});

test("an engine that is made anew after a failed commit does not leave anybody waiting", async () => {
  await append("pickup p1");
  const shop = await openShop();
  const asked = wait(1);
  await turns();
  const { commit } = storage;
  storage.commit = async () => {
    storage.commit = commit;
    throw new Error("the disk said no");
  };
  await shop.ack(1);
  while (storage.commit !== commit) await turns();
  // Offered again under a new token.
  const again = await openShop();
  await again.ack(1);
  expect(await asked).toEqual(["settled"]);
});

// Sooner than by the end of the wait.
test("a commit that landed although the storage said no is told when the engine is made anew", { timeout: LONG_MS / 2 }, async () => {
  await append("pickup p1", "pickup p2");
  const shop = await openShop();
  const asked = wait(1);
  // What was offered is on disk: the next commit is that of the ack.
  while ((await storage.subscription(key))?.progress.offeredTo !== 2) await turns();
  await turns();
  const { commit } = storage;
  storage.commit = async (batch) => {
    storage.commit = commit;
    await commit.call(storage, batch);
    throw new Error("the disk said no");
  };
  await shop.ack(1);
  expect(await asked).toEqual(["settled"]);
});

test("stuck is told and waited on, a dead letter ends the wait", async () => {
  await append("pickup p1", "pickup p1", "pickup p2");
  const shop = await openShop();
  await shop.reject(1);
  while ((await states(1))[0] !== "stuck") await turns();
  expect(await states(1, 2, 3)).toEqual(["stuck", "pending", "pending"]);
  const asked = wait(1, 2);
  await shop.runner.operate(() => [{ type: "skip-key", key: "p1", by: "ada", reason: "enough" }]);
  expect(await asked).toEqual(["dead", "pending"]);
});

test("types that main does not want are settled, whether or not anybody reads it", async () => {
  await append("pickup p1", "message p1");
  await storage.setTypes(key, ["pickup"]);
  expect(await states(1, 2)).toEqual(["pending", "settled"]);
});

test("a queue that nobody reads is answered from storage; the time ends the wait, and so does the end of the connection", async () => {
  await append("pickup p1");
  expect((await desk.wait(await look(1), 1, never)).map(({ state }) => state)).toEqual(["pending"]);
  const gone = new AbortController();
  const asked = desk.wait(await look(1), LONG_MS, gone.signal);
  gone.abort();
  expect(await asked).toEqual([{ offset: 1, state: "pending" }]);
  expect(desk.waiting()).toBe(0);
});

test("parked events are pending; of trimmed ones it is said, and nobody has published what lies ahead", async () => {
  await append(...Array.from({ length: 5 }, () => "pickup hot"));
  const progress = { generation: 1, cursor: 5, open: [[2, 2]] as const, offeredTo: 2, ackedTo: 2, paused: false };
  const none = { put: [], remove: [] };
  const parked = { put: [{ key: "hot", first: 3, offsets: [3, 4, 5] }], remove: [] };
  await storage.commit({
    nowMs: 1,
    items: [],
    progress: [{ key, epoch: storage.info.epoch, write: { progress, attempts: none, parked, dead: none } }],
  });
  expect(await states(1, 2, 3, 5)).toEqual(["settled", "pending", "pending", "pending"]);
  await expect(look(6)).rejects.toMatchObject({ code: "UNKNOWN_EVENT" });
  storage.readOffsets = async () => [];
  expect(await states(1)).toEqual(["trimmed"]);
});
