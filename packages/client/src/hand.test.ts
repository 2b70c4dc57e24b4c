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
  return new InHand({ event, desk, place, order, memory, epoch: 1, counter });
}

test("what is in hand is told in its order, however many have come and gone", () => {
  const hand = new Hand();
  const order = new ParcelOrder("key");
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

test("who went keeps nobody: an event that a program holds on to holds no later ones", () => {
  const hand = new Hand();
  const order = new ParcelOrder("key");
  const [first, second, third] = [1, 2, 3].map((counter) => itemOf(counter, order)) as [InHand, InHand, InHand];
  for (const item of [first, second, third]) hand.add(item);
  hand.drop(second);
  expect([second.before, second.behind]).toEqual([null, null]);
  expect([first.behind, third.before]).toEqual([third, first]);
  hand.drop(third);
  hand.drop(first);
  expect([first.before, first.behind, third.before, third.behind, hand.items()]).toEqual([null, null, null, null, []]);
  hand.add(second);
  expect(hand.items()).toEqual([second]);
});
