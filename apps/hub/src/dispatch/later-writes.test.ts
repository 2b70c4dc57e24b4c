import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LaterWrites } from "./later-writes.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("who is added writes once, a while after the first of them, and again when it is added again", () => {
  const wrote: string[] = [];
  const later = new LaterWrites();
  const writer = (name: string) => ({ write: () => void wrote.push(name) });
  const [a, b] = [writer("a"), writer("b")];
  later.add(a);
  vi.advanceTimersByTime(60);
  later.add(b);
  later.add(a);
  vi.advanceTimersByTime(39);
  expect(wrote).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(wrote).toEqual(["a", "b"]);
  vi.advanceTimersByTime(1_000);
  expect([wrote.length, vi.getTimerCount()]).toEqual([2, 0]);
  later.add(b);
  vi.advanceTimersByTime(100);
  expect(wrote).toEqual(["a", "b", "b"]);
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
