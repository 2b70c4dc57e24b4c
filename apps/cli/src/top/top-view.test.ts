import type { HubInfo } from "@waybill/client";
import { expect, test } from "vitest";
import { hubInfo } from "../../test/hub-info.ts";
import { ratesBetween } from "./rates.ts";
import { type TopInput, topView } from "./top-view.ts";

const view = (input: Partial<TopInput> = {}) =>
  topView({ info: hubInfo(), rates: null, url: "http://127.0.0.1:3000", note: "", width: 108, height: 40, ...input });

test("rates are differences over the hub's own time, and none over a restart", () => {
  const before = hubInfo({ uptimeMs: 1_000 });
  const now = hubInfo({ uptimeMs: 3_000, counters: { ...before.counters, published: before.counters.published + 50 } });
  expect(ratesBetween(before, now)).toMatchObject({ published: 25, settled: 0 });
  expect(ratesBetween(null, now)).toBeNull();
  expect(ratesBetween(before, before)).toBeNull();
  expect(ratesBetween(before, { ...now, epoch: now.epoch + 1 })).toBeNull();
});

test("the busiest come first; a row stays a line, whatever the width", () => {
  const info = hubInfo({
    busiest: [busy({ queue: "store/beta", settledPerSecond: 3 }), busy({ queue: "store/acme", group: "audit", pending: 1_204 })],
  });
  const lines = view({ info });
  const [header, first, second] = lines.slice(-3);
  expect(header).toMatch(/^SUBSCRIPTION +PENDING +SETTLED\/S/);
  expect(first).toMatch(/^store\/acme:audit +1204/);
  expect(second).toMatch(/^store\/beta +0 +3/);
  for (const width of [20, 40, 79]) for (const line of view({ info, width })) expect(line.length).toBeLessThanOrEqual(width);
  expect(view({ info, height: 10 })).toHaveLength(10);
});

test("cells stand below each other, as many as fit", () => {
  const [first = "", second = ""] = view().slice(3);
  expect(first).toMatch(/^published +- +delivered +- +settled +- +failed +-$/);
  expect(second.indexOf("stuck")).toBe(first.indexOf("delivered"));
  expect(view({ width: 54 })[3]).toMatch(/^published +- +delivered +-$/);
});

test("a hub that is away or draining is told", () => {
  expect(view({ note: "The hub is away (TIMED_OUT); waiting for it." })[1]).toContain("away");
  expect(view({ info: hubInfo({ draining: true }) })[0]).toContain("draining");
});

const busy = (fields: Partial<HubInfo["busiest"][number]>): HubInfo["busiest"][number] => ({
  queue: "store/acme",
  group: "main",
  policy: "block",
  paused: false,
  floor: 0,
  head: 0,
  pending: 0,
  inHand: 0,
  stuck: 0,
  dead: 0,
  consumers: 0,
  settledPerSecond: 0,
  ...fields,
});
