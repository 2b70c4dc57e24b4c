import { expect, test } from "vitest";
import { collect } from "../../test/collect.ts";
import { pace } from "./pace.ts";
import type { TimedEvent } from "./parcel-row.ts";

const DAY_MS = 86_400_000;
const event = (ms: number): TimedEvent => ({ ms, event: { type: "pickup", parcel: "P-1", store: "acme" } });
const source = async function* (...times: number[]) {
  yield* times.map(event);
};

/** A clock that only sleeping moves. */
const fakeClock = () => {
  const clock = { nowMs: 1_000, slept: [] as number[] };
  return {
    clock,
    now: () => clock.nowMs,
    sleep: async (ms: number) => {
      clock.slept.push(ms);
      clock.nowMs += ms;
    },
  };
};

test("at speed 10, what lay 5 s apart comes 0.5 s apart", async () => {
  const { clock, ...fake } = fakeClock();
  const times: number[] = [];
  for await (const _ of pace(source(0, 5_000, 5_000, 20_000), { speed: 10, signal: new AbortController().signal, ...fake }))
    times.push(clock.nowMs - 1_000);
  expect(times).toEqual([0, 500, 500, 2_000]);
});

test("max never waits", async () => {
  const { clock, ...fake } = fakeClock();
  const passed = await collect(pace(source(0, DAY_MS), { speed: "max", signal: new AbortController().signal, ...fake }));
  expect(passed).toHaveLength(2);
  expect(clock.slept).toEqual([]);
});

test("a gap of many days is slept through a day at a time: longer timers fire at once", async () => {
  const { clock, ...fake } = fakeClock();
  await collect(pace(source(0, 60 * DAY_MS), { speed: 1, signal: new AbortController().signal, ...fake }));
  expect(clock.slept).toEqual(Array.from({ length: 60 }, () => DAY_MS));
});

test("the signal ends it, also in the middle of a wait", async () => {
  const stop = new AbortController();
  const { now } = fakeClock();
  const passed = await collect(pace(source(0, 5_000), { speed: 1, signal: stop.signal, now, sleep: async () => stop.abort() }));
  expect(passed).toHaveLength(1);
});
