import { expect, test } from "vitest";
import { inBatches } from "./in-batches.ts";

async function* numbers(count: number) {
  for (let number = 1; number <= count; number++) yield number;
}

test.each([
  [0, []],
  [2, [[1, 2]]],
  [3, [[1, 2], [3]]],
])("%i items", async (count, expected) => {
  const batches: number[][] = [];
  for await (const batch of inBatches(numbers(count), 2)) batches.push(batch);
  expect(batches).toEqual(expected);
});
