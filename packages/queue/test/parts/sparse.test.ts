/** How an engine keeps what it keeps: of this no rule speaks. */
import { expect, test } from "vitest";
import { stateOf } from "../../src/engine.ts";
import { SparseMap, SparseSet } from "../../src/sparse.ts";
import { Desk, entry } from "../desk.ts";

test("a sparse map is a map, before its first entry, with entries, and emptied", () => {
  const map = new SparseMap<string, number>();
  expect([map.size, map.has("a"), map.get("a"), map.delete("a"), [...map], [...map.keys()], [...map.values()]]).toEqual([
    ...[0, false, undefined, false],
    ...[[], [], []],
  ]);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  expect([map.size, map.get("a"), [...map]]).toEqual([
    2,
    3,
    [
      ["a", 3],
      ["b", 2],
    ],
  ]);
  expect([map.delete("a"), map.has("a"), [...map.keys()], [...map.values()]]).toEqual([true, false, ["b"], [2]]);
  map.clear();
  expect([map.size, [...map]]).toEqual([0, []]);
  expect([...new SparseMap([["c", 4]])]).toEqual([["c", 4]]);
});

test("a sparse set is a set, before its first item, with items, and emptied", () => {
  const set = new SparseSet<number>();
  expect([set.size, set.has(1), set.delete(1), [...set]]).toEqual([0, false, false, []]);
  set.add(2);
  set.add(1);
  set.add(2);
  expect([set.size, set.has(2), [...set], set.delete(2), [...set]]).toEqual([2, true, [2, 1], true, [1]]);
  set.clear();
  expect([set.size, [...set]]).toEqual([0, []]);
});

test("between two turns an engine holds nothing of what it handed out", () => {
  const desk = new Desk();
  desk.seat(1);
  desk.publish(entry(1));
  const { out } = stateOf(desk.engine);
  expect([out, Object.isFrozen(out)]).toEqual([[], true]);
});
