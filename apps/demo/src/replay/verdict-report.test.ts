import { createChecker } from "@waybill/testkit";
import { expect, test } from "vitest";
import type { ReplayRun } from "./run-replay.ts";
import { describeRun, faultsOf, summaryOf } from "./verdict-report.ts";

const expected = { parcels: 1, stores: 1, zones: 1, published: 2, taken: 0, waiting: 0, kills: 1 };

async function runOf(change: { effects?: number; kills?: number; gaveUp?: boolean } = {}): Promise<ReplayRun> {
  const checker = createChecker();
  const ids = ["e1", "e2"];
  await checker.publisher(
    ids.flatMap((id, n) => [
      { kind: "intent", t: 10 * n, producer: "d1", id, type: "pickup", parcel: id, store: "a" },
      { kind: "answer", t: 10 * n + 1, id, outcome: "stored", queue: "store/a", offset: n + 1 },
    ]),
  );
  const effects = ids.map((id, n) => ({
    kind: "applied",
    t: 10 * n + 2,
    queue: "store/a",
    offset: n + 1,
    parcel: id,
    id,
    type: "pickup",
    redrive: 0,
  }));
  await checker.vendor(effects.slice(0, change.effects ?? 2));
  return { verdict: checker.verdict(), kills: change.kills ?? 1, seconds: 1.234, gaveUp: change.gaveUp ?? false };
}

test("a run that came to what it should has no faults, and its summary says so", async () => {
  const run = await runOf();
  expect(faultsOf(run, expected)).toEqual([]);
  expect(summaryOf(run, expected, 7)).toMatchObject({
    ok: true,
    published: 2,
    confirmed: 2,
    handled: 2,
    lost: 0,
    misordered: 0,
    kills: 1,
    seconds: 1.2,
    seed: 7,
  });
  expect(describeRun(run, expected)).toContain("Nothing lost, nothing out of order.");
});

test("a loss, a missing kill, a missing parcel, a run that was given up: each is a fault", async () => {
  const lossy = await runOf({ effects: 1 });
  expect(faultsOf(lossy, expected)).toEqual(["handled: 1 instead of 2", "lost: 1 instead of 0"]);
  expect(summaryOf(lossy, expected, 7).ok).toBe(false);
  expect(describeRun(lossy, expected)).toContain("lost: pickup e2 was confirmed (store/a at 2) and never applied.");
  expect(faultsOf(await runOf({ kills: 0 }), expected)).toEqual(["kills: 0 instead of 1"]);
  expect(faultsOf(await runOf(), { ...expected, waiting: 3 })).toEqual(["waiting in the pools: 0 instead of 3"]);
  expect(faultsOf(await runOf(), { ...expected, published: 3 })).toHaveLength(3);
  expect(faultsOf(await runOf({ gaveUp: true }), expected)).toHaveLength(1);
});
