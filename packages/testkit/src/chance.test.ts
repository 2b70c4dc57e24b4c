import { expect, test } from "vitest";
import { createChance, hash32 } from "./chance.ts";

const draw = (seed: number | string, count = 5) => {
  const chance = createChance(seed);
  return Array.from({ length: count }, () => chance.int(0, 999));
};

test("one seed draws one sequence, today and tomorrow", () => {
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(1)).toEqual([781, 630, 727, 234, 583]);
});

test("a split is a stream of its own: draws from one never move another", () => {
  const alone = createChance(1).split("kills").int(0, 1_000_000);
  const chance = createChance(1);
  chance.next();
  chance.split("other").next();
  expect(chance.split("kills").int(0, 1_000_000)).toBe(alone);
  expect(chance.split("order").int(0, 1_000_000)).not.toBe(alone);
});

test("draws keep to their bounds and are spread over them", () => {
  const chance = createChance("spread");
  const counts = new Map<number, number>();
  for (let n = 0; n < 10_000; n++) {
    const value = chance.int(1, 10);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  expect([...counts.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(200);
});

test("shuffle keeps all items and the list that it was given", () => {
  const items = Array.from({ length: 100 }, (_, n) => n);
  const shuffled = createChance(3).shuffle(items);
  expect(shuffled).not.toEqual(items);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
  expect(() => createChance(3).pick([])).toThrow(RangeError);
});

test("hash32 spreads names evenly over workers", () => {
  const workers = [0, 0, 0, 0];
  for (let n = 0; n < 4_000; n++) workers[hash32(`store-${n}`) % 4]!++;
  for (const count of workers) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
