import { createFakeClock } from "@waybill/testkit";
import { expect, test } from "vitest";
import { createPace } from "./pace.ts";

const DAY_MS = 86_400_000;

function wall(startMs: number) {
  const clock = createFakeClock(startMs);
  const slept: number[] = [];
  return {
    now: clock.now,
    slept,
    sleep(ms: number) {
      slept.push(ms);
      clock.advance(ms);
      return Promise.resolve();
    },
  };
}

test("the day goes so many times as fast as the wall, for whoever joins it when", async () => {
  const pacing = { speed: 60, startedAtMs: 1_000_000, dayStartMs: Date.parse("2026-05-04T08:00:00Z") };
  const early = wall(1_000_000);
  await createPace(pacing, early)("2026-05-04T08:10:00Z");
  expect(early.slept).toEqual([10_000]);
  const late = wall(1_007_000);
  await createPace(pacing, late)("2026-05-04T08:10:00Z");
  expect(late.slept).toEqual([3_000]);
});

test("what is past does not wait, and at max speed nothing does", async () => {
  const clock = wall(1_000_000);
  await createPace({ speed: 1, startedAtMs: 0, dayStartMs: 0 }, clock)("1970-01-01T00:16:40Z");
  await createPace(null, clock)("2126-01-01T00:00:00Z");
  expect(clock.slept).toEqual([]);
});

test("months are waited for in pieces that a timer can hold", async () => {
  const clock = wall(0);
  await createPace({ speed: 1, startedAtMs: 0, dayStartMs: 0 }, clock)("1970-03-01T00:00:00Z");
  expect(clock.slept).toHaveLength(59);
  expect(Math.max(...clock.slept)).toBe(DAY_MS);
  expect(clock.now()).toBe(59 * DAY_MS);
});
