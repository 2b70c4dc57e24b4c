import { expect, test } from "vitest";
import { Fifo } from "../../src/fifo.ts";
import { none, withOne } from "../../src/model.ts";
import { SparseMap } from "../../src/sparse.ts";

test("what is put in comes out in its order, however often the list was empty in between", () => {
  const fifo = new Fifo<number>();
  const out: (number | undefined)[] = [];
  let next = 0;
  for (const count of [1, 3, 200, 2, 100]) {
    for (let put = 0; put < count; put++) fifo.push(next++);
    expect(fifo.size).toBe(count);
    for (let taken = 0; taken < count; taken++) out.push(fifo.shift());
    expect([fifo.size, fifo.peek(), fifo.shift()]).toEqual([0, undefined, undefined]);
  }
  expect(out).toEqual(Array.from({ length: next }, (_, index) => index));
});

test("one that is never empty keeps its order, too, and what is left of it can be seen and thinned out", () => {
  const fifo = new Fifo<number>();
  for (let put = 0; put < 500; put++) {
    fifo.push(2 * put);
    fifo.push(2 * put + 1);
    expect(fifo.shift()).toBe(put);
  }
  expect(fifo.toArray()).toEqual(Array.from({ length: 500 }, (_, index) => 500 + index));
  fifo.keep((item) => item % 100 === 0);
  fifo.push(7);
  expect([fifo.size, fifo.toArray()]).toEqual([6, [500, 600, 700, 800, 900, 7]]);
});

test("the first that fits comes out of the middle, and the rest stays as it was", () => {
  const fifo = new Fifo<number>();
  for (const item of [0, 1, 2, 3]) fifo.push(item);
  fifo.shift();
  expect([fifo.takeFirst((item) => item === 2), fifo.takeFirst((item) => item > 5), fifo.toArray()]).toEqual([2, undefined, [1, 3]]);
  expect([fifo.takeFirst(() => true), fifo.takeFirst(() => true), fifo.size]).toEqual([1, 3, 0]);
  fifo.push(4);
  expect([fifo.size, fifo.shift()]).toEqual([1, 4]);
});

test("a map that lost its last entry is as one that never had any", () => {
  const map = new SparseMap<string, number>([["a", 1]]);
  expect([map.delete("b"), map.size, map.delete("a"), map.delete("a"), map.size, [...map]]).toEqual([false, 1, true, false, 0, []]);
  map.set("c", 2);
  map.set("d", 3);
  expect([map.delete("c"), map.has("c"), map.get("d"), map.size]).toEqual([true, false, 3, 1]);
});

test("the empty list that all share stays empty", () => {
  const list = withOne<number>(none, 1);
  expect([withOne(list, 2), none.length]).toEqual([[1, 2], 0]);
  expect(() => (none as unknown as number[]).push(1)).toThrow();
});
