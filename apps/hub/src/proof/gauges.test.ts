import { openMemoryStorage, type Storage } from "@waybill/storage";
import { expect, test } from "vitest";
import type { Registry } from "../dispatch/registry.ts";
import { createGaugeSource } from "./gauges.ts";

const idle = { runners: () => [][Symbol.iterator]() } as unknown as Registry;

/** Milliseconds from the start of a measurement that takes `tookMs` until the next one, in steps of 100. */
async function freshMs(tookMs: number): Promise<number> {
  const inner = await openMemoryStorage();
  let nowMs = 0;
  let measurements = 0;
  const stats: Storage["stats"] = () => {
    measurements += 1;
    nowMs += tookMs;
    return inner.stats();
  };
  const measured = createGaugeSource({ storage: { ...inner, stats }, registry: idle, monotonicMs: () => nowMs });
  await measured();
  for (let askedMs = nowMs; ; askedMs += 100) {
    nowMs = askedMs;
    await measured();
    if (measurements > 1) return askedMs;
  }
}

test("one measurement answers all who ask for a second, or twenty times as long as it took", async () => {
  expect(await freshMs(0)).toBe(900);
  expect(await freshMs(500)).toBe(10_000);
});

test("one that took long, as in a process that was stopped meanwhile, is told for 15 seconds and no more", async () => {
  expect(await freshMs(5_000)).toBe(15_000);
});

test("a measurement of many subscriptions lets the loop turn: events go on meanwhile", async () => {
  const runners = Array.from({ length: 2_000 }, (_, i) => ({
    key: { tenant: "default", queue: `store/s${i}`, group: "main" },
    look: () => null,
  }));
  const registry = { runners: () => runners[Symbol.iterator]() } as unknown as Registry;
  const measured = createGaugeSource({ storage: await openMemoryStorage(), registry });
  let turns = 0;
  const count = (): void => {
    turns += 1;
    if (turns < 5) setImmediate(count);
  };
  const measuring = measured();
  setImmediate(count);
  await measuring;
  expect(turns).toBe(5);
});
