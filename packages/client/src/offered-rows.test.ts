import { expect, test } from "vitest";
import type { Place } from "./in-hand.ts";
import { eachPlace, eventsOf } from "./offered-rows.ts";

test("each event has its place, whether it has a row of its own or goes on from the one before", () => {
  const rows = [[4, 1_000], [2], [9, 2_000, 1, 2, 3, 77], [1], [12, 2_000]];
  const places: Place[] = [];
  const indexes: number[] = [];
  eachPlace(rows, 5, (place, index) => {
    places.push(place);
    indexes.push(index);
  });
  expect(places.map(({ offset, recordedAtMs, attempt, redrive }) => [offset, recordedAtMs, attempt, redrive])).toEqual([
    [4, 1_000, 1, 0],
    [5, 1_000, 1, 0],
    [6, 1_000, 1, 0],
    [9, 2_000, 4, 3],
    [10, 2_000, 1, 0],
    [12, 2_000, 1, 0],
  ]);
  expect(new Set(places.map(({ generation }) => generation))).toEqual(new Set([5]));
  expect(indexes).toEqual([0, 1, 2, 3, 4, 5]);
  expect(eventsOf(rows)).toBe(6);
});
