import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { type Entry, Lane } from "./ledger.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const QUEUE = "store/acme";
const entry = (parcel: string): Entry => ({
  number: 0,
  queue: QUEUE,
  event: { id: `e-${parcel}`, type: "in-transit", parcel, store: "acme", at: "2026-05-01T07:00:00Z", data: {} },
  body: new Uint8Array(8),
  waiter: null,
});

function laneOf(count: number): Lane {
  const lane = new Lane(QUEUE);
  for (let index = 1; index <= count; index += 1) lane.push(entry(`p-${index}`));
  return lane;
}
const numbersOf = (entries: readonly Entry[]) => entries.map(({ number }) => number);

test("what is confirmed is given out once, in its order; the rest stays under its numbers", () => {
  const lane = laneOf(300);
  const numbers: number[] = [];
  for (let to = 7; to <= 294; to += 7) numbers.push(...numbersOf(lane.confirm(to)));
  expect(numbers).toEqual(Array.from({ length: 294 }, (_, index) => index + 1));
  expect(numbersOf(lane.entries())).toEqual([295, 296, 297, 298, 299, 300]);
  expect([lane.size, lane.confirmedTo, lane.assignedTo]).toEqual([6, 294, 300]);
  expect([lane.at(294), lane.at(295)?.number, lane.at(301)]).toEqual([undefined, 295, undefined]);
  expect(lane.confirm(290)).toEqual([]);
});

test("whatever comes, is confirmed and is taken back: each number finds its entry, and none that is gone is found", () => {
  const lane = new Lane(QUEUE);
  const expected = new Map<number, string>();
  let made = 0;
  const looksRight = () => {
    const all = Array.from({ length: lane.assignedTo + 40 }, (_, number) => lane.at(number)?.event.parcel);
    expect(all).toEqual(all.map((_, number) => expected.get(number)));
    expect(lane.entries().map(({ event }) => event.parcel)).toEqual([...expected.values()]);
    expect(lane.size).toBe(expected.size);
  };
  // More than the places at first, in the midst of them, and none.
  for (const [pushed, taken, confirmed] of [
    [3, 0, 2],
    [15, 1, 0],
    [20, 5, 30],
    [40, 0, 7],
    [600, 9, 591],
    [0, 0, 99],
    [5, 5, 0],
    [17, 0, 1],
  ] as const) {
    for (let index = 0; index < pushed; index += 1) {
      const next = entry(`p-${++made}`);
      lane.push(next);
      expected.set(next.number, next.event.parcel);
    }
    looksRight();
    for (let index = 0; index < taken; index += 1) {
      expected.delete(lane.assignedTo);
      lane.pop();
    }
    const to = lane.confirmedTo + confirmed;
    for (const { number } of lane.confirm(to)) expect(expected.delete(number)).toBe(true);
    looksRight();
  }
  lane.confirm(lane.assignedTo);
  lane.pop();
  expect([lane.size, lane.entries()]).toEqual([0, []]);
});

test("an event that is confirmed is kept for nobody: a lane goes on for months", async () => {
  const lane = laneOf(10);
  const [confirmed] = lane.confirm(9).map(({ event }) => new WeakRef(event));
  // A weak reference holds on until the turn in which it was made is over.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(confirmed?.deref()).toBeUndefined();
  expect(lane.at(10)?.event.parcel).toBe("p-10");
});
