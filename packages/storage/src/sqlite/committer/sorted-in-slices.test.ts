import { expect, test } from "vitest";
import { sortedInSlices } from "./sorted-in-slices.ts";

function sort(texts: readonly string[]): { sorted: string[]; slices: number } {
  const sorting = sortedInSlices(texts);
  for (let slices = 1; ; slices++) {
    const step = sorting.next();
    if (step.done === true) return { sorted: step.value, slices };
  }
}

test.each([0, 1, 2, 4_095, 4_096, 4_097, 12_288, 65_536])("%i texts are in the order in which `sort` has them", (count) => {
  // Each number below the count once, out of order; the last digits decide first.
  const texts = Array.from({ length: count }, (_, i) => `store/${[...String((i * 48_271) % 65_537)].reverse().join("")}`);
  const { sorted } = sort(texts);
  expect(sorted).toEqual([...texts].sort());
});

test("few texts are sorted at once, and many in slices", () => {
  expect(sort(["b", "a"]).slices).toBe(1);
  const many = Array.from({ length: 65_536 }, (_, i) => `${i}`);
  expect(sort(many).slices, "16 lists, and four times so many slices of merging, less what the lists end with").toBeGreaterThan(50);
});
