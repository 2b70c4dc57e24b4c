import { expect, test } from "vitest";
import { OfferedOffsets } from "./offered-offsets.ts";

/** Pseudo-random, the same each time. */
function* numbers(below: number, count: number): Generator<number> {
  let state = 1;
  for (let index = 0; index < count; index += 1) {
    state = (state * 48_271) % 2_147_483_647;
    yield 1 + (state % below);
  }
}

test.each([10, 300, 2_000])("an offset is new once, in whatever order they come: of %i", (below) => {
  const offered = new OfferedOffsets();
  const seen = new Set<number>();
  let taken = 0;
  for (const offset of numbers(below, 3 * below)) {
    const isNew = offered.add(offset);
    // Where too many are far apart, the earliest may count as offered; never the other way round.
    if (seen.has(offset)) expect(isNew).toBe(false);
    seen.add(offset);
    taken += isNew ? 1 : 0;
  }
  if (below <= 300) expect(taken).toBe(seen.size);
  else expect(taken).toBeLessThanOrEqual(seen.size);
});

test("parcels that take turns: offsets that rise in several places at once are all new, and none twice", () => {
  const offered = new OfferedOffsets();
  const order = Array.from({ length: 1_000 }, (_, index) => (index % 4) * 250 + Math.floor(index / 4) + 1);
  expect(order.filter((offset) => !offered.add(offset))).toEqual([]);
  expect(order.filter((offset) => offered.add(offset))).toEqual([]);
  expect(offered.add(1_001)).toBe(true);
});

test("where others take some of them, what lies before the latest ranges counts as offered, and what comes is new", () => {
  const offered = new OfferedOffsets();
  for (let offset = 2; offset <= 2_000; offset += 2) expect(offered.add(offset)).toBe(true);
  expect(offered.add(3)).toBe(false);
  expect(offered.add(1_999)).toBe(true);
  offered.clear();
  expect(offered.add(3)).toBe(true);
});
