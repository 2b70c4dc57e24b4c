import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { inTurns } from "./in-turns.ts";

test("each is visited, in order, and no more than 256 in one turn of the loop", async () => {
  const all = Array.from({ length: 1_000 }, (_, i) => i);
  const visited: number[] = [];
  const visiting = inTurns(all, (one) => {
    visited.push(one);
    return undefined;
  });
  const after: number[] = [];
  while (after.length < 5) {
    after.push(visited.length);
    await nextTurn();
  }
  await visiting;
  expect(visited).toEqual(all);
  expect(after).toEqual([256, 512, 768, 1_000, 1_000]);
});

test("who took longer leaves room for fewer others in its turn", async () => {
  let visited = 0;
  const visiting = inTurns([1_000, 0, 0], (more) => {
    visited += 1;
    return more;
  });
  expect(visited).toBe(1);
  await visiting;
  expect(visited).toBe(3);
});

test("a few are visited at once", () => {
  const visited: number[] = [];
  void inTurns([1, 2, 3], (one) => {
    visited.push(one);
    return undefined;
  });
  expect(visited).toEqual([1, 2, 3]);
});
