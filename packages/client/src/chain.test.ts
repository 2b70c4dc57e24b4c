import { expect, test } from "vitest";
import { Chain } from "./chain.ts";
import type { InHand } from "./in-hand.ts";
import { ParcelOrder } from "./parcel-order.ts";

const item = (offset: number) => ({ offset }) as InHand;

function chainOf(...items: InHand[]): Chain {
  const chain = new Chain("p1", new ParcelOrder());
  for (const one of items) chain.push(one);
  return chain;
}

test("they are taken in their order, and what is put back is the first to be taken again", () => {
  const [a, b, c] = [item(1), item(2), item(3)];
  const chain = chainOf(a, b);
  expect([chain.take(), chain.take(), chain.take()]).toEqual([a, b, undefined]);
  chain.begin();
  chain.putBack();
  chain.push(c);
  expect([chain.hasTaken, chain.waiting, chain.take(), chain.take()]).toEqual([false, 2, b, c]);
});

test("what was taken stays in the line until it begins, whatever goes from behind", () => {
  const [a, b, c, d] = [item(1), item(2), item(3), item(4)];
  const chain = chainOf(a, b, c);
  chain.take();
  chain.take();
  expect(chain.takeBehind(1)).toEqual([b, c]);
  chain.takeOut(b);
  expect([chain.waiting, chain.hasTaken]).toEqual([0, true]);
  chain.push(d);
  chain.begin();
  chain.begin();
  expect([chain.hasTaken, chain.waiting, chain.takeAllWaiting(), chain.isEmpty]).toEqual([false, 1, [d], true]);
});
