import { expect, test } from "vitest";
import { Hand } from "./hand.ts";
import { InHand } from "./in-hand.ts";
import { ParcelOrder } from "./parcel-order.ts";
import { VerdictMemory } from "./verdict-memory.ts";

const desk = { queue: "store/acme", group: "main", settle: () => {}, started: () => {} };
const memory = new VerdictMemory();

function itemOf(counter: number, order: ParcelOrder): InHand {
  const event = {
    id: `e-${counter}`,
    type: "returning",
    parcel: `p-${counter}`,
    store: "acme",
    at: "2026-05-01T09:30:00Z",
    data: {},
  } as const;
  const place = { offset: counter, generation: 1, recordedAtMs: 1, attempt: 1, redrive: 0 };
  return new InHand({ event, desk, place, chain: order.chain(event.parcel), memory, epoch: 1, counter });
}

test("what is in hand is told in its order, however many have come and gone", () => {
  const hand = new Hand();
  const order = new ParcelOrder(desk);
  const kept: number[] = [];
  for (let counter = 1; counter <= 10_000; counter += 1) {
    const item = itemOf(counter, order);
    hand.add(item);
    if (counter % 100 === 0) kept.push(counter);
    else hand.drop(item);
    hand.drop(item.isInHand && counter % 200 === 0 ? item : itemOf(0, order));
  }
  const stillThere = kept.filter((counter) => counter % 200 !== 0);
  expect(hand.items().map(({ counter }) => counter)).toEqual(stillThere);
  expect(hand.takeAll().every(({ isInHand }) => !isInHand)).toBe(true);
  expect(hand.items()).toEqual([]);
});

test("a parcel's chain stays while it has an event, and those without one do not pile up", () => {
  const order = new ParcelOrder(desk);
  const waiting = itemOf(1, order);
  waiting.chain.waiting.push(waiting);
  const running = itemOf(2, order);
  running.chain.running = running;
  const made = new Set<object>();
  for (let round = 0; round < 2; round += 1) for (let counter = 3; counter <= 20_000; counter += 1) made.add(order.chain(`p-${counter}`));
  expect(order.chain("p-1")).toBe(waiting.chain);
  expect(order.chain("p-2")).toBe(running.chain);
  // The second round found next to none of the first.
  expect(made.size).toBeGreaterThan(35_000);
  expect(order.takeAllWaiting()).toEqual([waiting]);
});
