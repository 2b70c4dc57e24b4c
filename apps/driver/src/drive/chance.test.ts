import { expect, test } from "vitest";
import { createChance } from "./chance.ts";

const draw = (seed: string, count = 1_000) => {
  const chance = createChance(seed);
  return Array.from({ length: count }, () => chance.next());
};

test("the same seed gives the same numbers, another seed others", () => {
  expect(draw("a", 5)).toEqual(draw("a", 5));
  expect(draw("a", 5)).not.toEqual(draw("b", 5));
  expect(draw("", 5)).toEqual(draw("", 5));
});

test("numbers stay in their bounds and fill them", () => {
  const numbers = draw("bounds");
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  const chance = createChance("below");
  expect(new Set(Array.from({ length: 200 }, () => chance.below(6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
});

test("waiting times have their mean and are never negative", () => {
  const chance = createChance("around");
  const times = Array.from({ length: 10_000 }, () => chance.around(60));
  expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
  expect(times.reduce((sum, time) => sum + time, 0) / times.length).toBeCloseTo(60, -1);
});
