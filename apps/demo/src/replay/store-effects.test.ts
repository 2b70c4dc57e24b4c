import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Delivery } from "@waybill/client";
import { readHistorySync } from "@waybill/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStoreEffects } from "./store-effects.ts";

let path = "";
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), "waybill-effects-")), "effects.jsonl");
});
afterEach(() => rmSync(join(path, ".."), { recursive: true }));

const delivery = (offset: number, id: string, redrive = 0): Delivery => ({
  event: { id, type: "claimed", parcel: "p1", store: "a", at: "2026-05-04T08:00:00Z", data: { driver: "d1", zone: "z" } },
  queue: "store/a",
  group: "main",
  offset,
  generation: 1,
  recordedAt: new Date(0),
  attempt: 1,
  redrive,
  token: "1.1",
  signal: AbortSignal.timeout(60_000),
  ack: () => undefined,
  nack: () => undefined,
  reject: () => undefined,
});

test("an event is applied once, also when its process was killed in between", () => {
  const first = openStoreEffects(path);
  expect(first.apply(delivery(1, "e1"))).toBe(true);
  expect(first.apply(delivery(1, "e1"))).toBe(false);
  const second = openStoreEffects(path);
  expect(second.apply(delivery(1, "e1"))).toBe(false);
  expect(second.apply(delivery(2, "e2"))).toBe(true);
  expect(second.applied).toBe(2);
  expect([second.has("e1"), second.has("e3")]).toEqual([true, false]);
  expect(readHistorySync(path)).toMatchObject([
    { kind: "applied", offset: 1, id: "e1", driver: "d1" },
    { kind: "repeat", offset: 1 },
    { kind: "repeat", offset: 1 },
    { kind: "applied", offset: 2 },
  ]);
});

test("repeats are known by their place, never by their id: a redriven event, or one stored twice, is applied", () => {
  const effects = openStoreEffects(path);
  expect(effects.apply(delivery(1, "e1"))).toBe(true);
  expect(effects.apply(delivery(1, "e1", 1))).toBe(true);
  expect(effects.apply(delivery(9, "e1"))).toBe(true);
});
