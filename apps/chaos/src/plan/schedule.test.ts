import { expect, test } from "vitest";
import { allFaultKinds, faultKindOf, faultKinds } from "./fault-kinds.ts";
import { type Draw, planSchedule } from "./schedule.ts";

const countOf = (draws: readonly Draw[]) => allFaultKinds.map((kind) => draws.filter((draw) => draw.kind === kind).length);

test("the same seed gives the same schedule, another seed another", () => {
  const plan = (seed: number) => planSchedule({ seed, seconds: 60, kinds: allFaultKinds });
  expect(plan(7)).toEqual(plan(7));
  expect(plan(7)).not.toEqual(plan(8));
});

test.each(Array.from({ length: 20 }, (_, seed) => seed))("every kind has its quota, also in a short run (seed %i)", (seed) => {
  const { draws } = planSchedule({ seed, seconds: 20, kinds: allFaultKinds });
  expect(draws.length).toBeGreaterThan(30);
  // Half of the draws go to the least used: each kind gets at least half of its even share.
  const least = Math.floor(draws.length / allFaultKinds.length / 2);
  expect(Math.min(...countOf(draws))).toBeGreaterThanOrEqual(least);
});

test("a quarter of the windows is calm, and between draws are 150 to 500 ms", () => {
  const { draws, brokenSeconds } = planSchedule({ seed: 3, seconds: 400, kinds: ["network"] });
  expect(brokenSeconds).toBe(300);
  const windows = new Set(draws.map(({ atMs }) => Math.floor(atMs / 20_000)));
  expect(windows.size).toBe(15);
  const gaps = draws.slice(1).map(({ atMs }, index) => atMs - (draws[index]?.atMs ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(150);
  expect(gaps.filter((gap) => gap > 1_000)).toHaveLength(5);
});

test("kinds that are left out are not drawn; without any the run is calm", () => {
  const { draws } = planSchedule({ seed: 1, seconds: 30, kinds: ["kill-hub", "clock"] });
  expect(new Set(draws.map(({ kind }) => kind))).toEqual(new Set(["kill-hub", "clock"]));
  expect(planSchedule({ seed: 1, seconds: 30, kinds: [] })).toEqual({ draws: [], brokenSeconds: 0 });
});

test("a kind that is narrowed has only those variants, and only so long", () => {
  const narrowed = { stop: { variants: ["plain"], lastsMs: [2_500, 3_000] } } as const;
  const { draws } = planSchedule({ seed: 1, seconds: 30, kinds: ["stop", "network"], narrowed });
  const stops = draws.filter(({ kind }) => kind === "stop");
  expect(new Set(stops.map(({ variant }) => variant))).toEqual(new Set(["plain"]));
  expect(Math.min(...stops.map(({ durationMs }) => durationMs))).toBeGreaterThanOrEqual(2_500);
  expect(new Set(draws.filter(({ kind }) => kind === "network").map(({ variant }) => variant)).size).toBeGreaterThan(3);
});

test("only a long run has stops of half a minute, and every variant comes up in it", () => {
  const longest = (seconds: number) =>
    Math.max(...planSchedule({ seed: 1, seconds, kinds: allFaultKinds }).draws.map(({ durationMs }) => durationMs));
  expect(longest(60)).toBeLessThanOrEqual(5_000);
  expect(longest(600)).toBeGreaterThan(20_000);
  const { draws } = planSchedule({ seed: 1, seconds: 600, kinds: allFaultKinds });
  for (const kind of allFaultKinds) {
    const drawn = new Set(draws.filter((draw) => draw.kind === kind).map(({ variant }) => variant));
    expect(drawn).toEqual(new Set(faultKinds[kind].variants));
  }
});

test("kinds are known by name and by number", () => {
  expect(faultKindOf("kill-hub")).toBe("kill-hub");
  expect(faultKindOf("f5")).toBe("network");
  expect(faultKindOf("F99")).toBeNull();
});
