import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LaterWrites } from "./later-writes.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function writers() {
  const wrote: string[] = [];
  const writer = (name: string) => ({ write: () => void wrote.push(name) });
  return { wrote, later: new LaterWrites(), a: writer("a"), b: writer("b") };
}

test("who is added writes once, after 50 ms at the least and 100 at the most, and again when it is added again", () => {
  const { wrote, later, a, b } = writers();
  later.add(a);
  vi.advanceTimersByTime(49);
  later.add(b);
  later.add(a);
  vi.advanceTimersByTime(50);
  expect(wrote).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(wrote).toEqual(["a", "b"]);
  vi.advanceTimersByTime(1_000);
  expect([wrote.length, vi.getTimerCount()]).toEqual([2, 0]);
  later.add(b);
  vi.advanceTimersByTime(100);
  expect(wrote).toEqual(["a", "b", "b"]);
});

test("one that is added a moment before the others write has its own time", () => {
  const { wrote, later, a, b } = writers();
  later.add(a);
  vi.advanceTimersByTime(99);
  later.add(b);
  vi.advanceTimersByTime(1);
  expect(wrote).toEqual(["a"]);
  vi.advanceTimersByTime(99);
  expect(wrote).toEqual(["a", "b"]);
});

test("one that wrote by itself is not asked to, whether it was added lately or before", () => {
  const { wrote, later, a, b } = writers();
  later.add(a);
  vi.advanceTimersByTime(60);
  later.add(b);
  later.remove(a);
  later.remove(b);
  vi.advanceTimersByTime(1_000);
  expect([wrote, vi.getTimerCount()]).toEqual([[], 0]);
});

test("one that is added while all write is written for the next time", () => {
  const later = new LaterWrites();
  let writes = 0;
  const again = {
    write: () => {
      writes += 1;
      if (writes === 1) later.add(again);
    },
  };
  later.add(again);
  vi.advanceTimersByTime(100);
  expect(writes).toBe(1);
  vi.advanceTimersByTime(100);
  expect(writes).toBe(2);
});
