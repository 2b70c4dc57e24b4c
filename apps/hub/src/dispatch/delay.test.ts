import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { limits, toJsonBytes } from "@waybill/events";
import { openSqliteStorage } from "@waybill/storage";
import { afterEach, beforeEach, expect, test } from "vitest";
import { itemByHub } from "../../test/item-by-hub.ts";
import { createHubClock } from "../clock.ts";
import { createCommitter } from "../commit/committer.ts";
import type { Proof } from "../hub-parts.ts";
import { createRegistry } from "./registry.ts";

const key = { tenant: "default", queue: "store/acme", group: "main" };
const nobodyWaits = { settled: () => {}, renewed: () => {} };
const HOUR = 3_600_000;
const startMs = Date.UTC(2026, 4, 1, 8);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waybill-delay-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The hub's own parts over a data folder, with the wall clock and the monotonic one in the hand of the test. */
async function openHub(atWallMs: number) {
  let wallMs = atWallMs;
  let monotonicMs = 0;
  const storage = await openSqliteStorage({ path: folder, wallMs: () => wallMs, queueEventsMax: limits.queueEventsMax, ballastBytes: 0 });
  const clock = createHubClock(storage.info.hubTimeMs, () => monotonicMs);
  const nothing = () => {};
  const proof = new Proxy({} as Proof, { get: () => nothing });
  const committer = createCommitter({ storage, clock, onStored: nothing, onFailed: nothing });
  const engine = { failedMax: 5, interruptedMax: 20, backoffMs: 10, backoffMaxMs: 100 };
  const config = { open: true, leaseMs: 30_000, offerMs: 1_000, drainMs: 1_000, idleMs: 60_000, pickupDueMs: 1_000, engine };
  const registry = createRegistry({ storage, committer, clock, proof, config, settles: nobodyWaits });
  const offered: number[] = [];
  const runner = registry.obtain(key);
  await runner.opened();
  runner.join({
    instance: "one",
    by: "vendor acme",
    mode: "frames",
    credit: { events: 10, bytes: 10_000 },
    seat: 0,
    deliver: (_first, items) => offered.push(...items.map(({ entry }) => entry.offset)),
    lost: nothing,
    reset: nothing,
    gap: nothing,
    abandon: nothing,
  });
  return {
    storage,
    clock,
    offered,
    jumpWall: (ms: number) => {
      wallMs += ms;
    },
    pass: (ms: number) => {
      wallMs += ms;
      monotonicMs += ms;
    },
    /** Why it is not settled, after all that was read for it. */
    async reason() {
      for (;;) {
        await committer.idle();
        const { reason } = await runner.ask((one) => one.explain({ offset: 1, key: "p1" }, clock.nowMs()));
        if (reason.because !== "not-read") return reason;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async close() {
      await registry.drain();
      await storage.saveTime(clock.nowMs());
      await storage.close();
    },
  };
}

async function publishDelayed(hub: Awaited<ReturnType<typeof openHub>>, untilMs: number) {
  const body = toJsonBytes({ id: "a", notBefore: new Date(untilMs).toISOString() });
  await hub.storage.commit({ nowMs: hub.clock.nowMs(), items: [itemByHub("a", { parcel: "p1", body })], progress: [] });
}

test("a delay follows hub time: over restarts, and whatever the wall clock does", async () => {
  const untilMs = startMs + 10 * HOUR;
  const delayed = { because: "delayed", untilMs };
  const first = await openHub(startMs);
  await publishDelayed(first, untilMs);
  await first.close();

  const second = await openHub(startMs + 2 * HOUR);
  expect(second.clock.nowMs()).toBe(startMs + 2 * HOUR);
  expect(await second.reason()).toEqual(delayed);
  second.jumpWall(100 * HOUR);
  expect(await second.reason()).toEqual(delayed);
  second.pass(1 * HOUR);
  second.jumpWall(-200 * HOUR);
  await second.close();

  // The wall clock stands before the time that was saved: hub time goes on from there.
  const third = await openHub(startMs - 300 * HOUR);
  expect(third.clock.nowMs()).toBe(startMs + 3 * HOUR);
  expect(await third.reason()).toEqual(delayed);
  expect([...second.offered, ...third.offered]).toEqual([]);
  await third.close();

  // A gap of a year counts for a day, which is more than the rest of the delay.
  const fourth = await openHub(startMs + 365 * 24 * HOUR);
  expect(fourth.clock.nowMs()).toBe(startMs + 27 * HOUR);
  expect(await fourth.reason()).toMatchObject({ because: "in-hand" });
  expect(fourth.offered).toEqual([1]);
  await fourth.close();
});
