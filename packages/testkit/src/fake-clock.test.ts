import { expect, test } from "vitest";
import { createFakeClock } from "./fake-clock.ts";

test("timers fire in the order of their times, then of their making, each at its own time", () => {
  const clock = createFakeClock(1_000);
  const fired: string[] = [];
  clock.after(20, () => fired.push(`b@${clock.now()}`));
  clock.after(10, () => fired.push(`a@${clock.now()}`));
  clock.after(20, () => fired.push(`c@${clock.now()}`));
  clock.advance(9);
  expect(fired).toEqual([]);
  clock.advance(11);
  expect(fired).toEqual(["a@1010", "b@1020", "c@1020"]);
  expect(clock.now()).toBe(1_020);
});

test("what a timer starts fires in the same advance when it falls due on the way", () => {
  const clock = createFakeClock();
  const fired: number[] = [];
  const again = () => {
    fired.push(clock.now());
    clock.after(10, again);
  };
  clock.after(10, again);
  clock.advance(35);
  expect(fired).toEqual([10, 20, 30]);
  expect(clock.waiting).toBe(1);
});

test("a cancelled timer never fires, and a step goes to the next one", () => {
  const clock = createFakeClock();
  const fired: string[] = [];
  const cancel = clock.after(5, () => fired.push("cancelled"));
  clock.after(50, () => fired.push("kept"));
  cancel();
  expect(clock.step()).toBe(true);
  expect(fired).toEqual(["kept"]);
  expect(clock.now()).toBe(50);
  expect(clock.step()).toBe(false);
});

test("when the wall jumps, no timer notices", () => {
  const clock = createFakeClock(0);
  const fired: number[] = [];
  clock.after(10, () => fired.push(clock.now()));
  clock.jump(-3_600_000);
  clock.advance(10);
  expect(fired).toEqual([-3_599_990]);
});
