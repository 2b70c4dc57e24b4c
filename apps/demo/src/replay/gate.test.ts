import { expect, test } from "vitest";
import { createGate, placesFor } from "./gate.ts";

test("what is behind the gate waits until it opens so far", async () => {
  const gate = createGate();
  const passed: number[] = [];
  const all = [0, 1, 2].map((place) => gate.passed(place).then(() => passed.push(place)));
  gate.open(2);
  await Promise.all(all.slice(0, 2));
  expect(passed).toEqual([0, 1]);
  gate.open(1); // It never closes again.
  await gate.passed(1);
  gate.open(3);
  await all[2];
  expect(passed).toEqual([0, 1, 2]);
});

test("places are counted in whole parcels, enough for the events asked for", () => {
  const plan = [2, 3, 1].map((count) => ({ steps: Array.from({ length: count }) }));
  expect([0, 1, 2, 3, 5, 6, 99].map((events) => placesFor(plan, events))).toEqual([0, 1, 1, 2, 2, 3, 3]);
});
