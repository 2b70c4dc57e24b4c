import { expect, test } from "vitest";
import { PairMap } from "./pair-map.ts";

test("a value is found by both texts in their order, counted once however often it is set, and gone when it is over", () => {
  const map = new PairMap<number>();
  map.set("a", "b", 1);
  map.set("a", "b", 2);
  map.set("a", "c", 3);
  map.set("b", "a", 4);
  expect([map.get("a", "b"), map.get("a", "c"), map.get("b", "a"), map.get("c", "a"), map.size]).toEqual([2, 3, 4, undefined, 3]);
  map.deleteWhere((value) => value > 2);
  expect([map.get("a", "b"), map.get("a", "c"), map.get("b", "a"), map.size]).toEqual([2, undefined, undefined, 1]);
  map.set("b", "a", 5);
  map.clear();
  expect([map.get("a", "b"), map.get("b", "a"), map.size]).toEqual([undefined, undefined, 0]);
});
