import { expect, test } from "vitest";
import type { InHand } from "./in-hand.ts";
import { ParcelOrder } from "./parcel-order.ts";

const itemOf = (parcel: string, offset: number) =>
  ({ event: { parcel }, offset, isInHand: true, isRunning: false, chain: null }) as unknown as InHand;

test("behind one that may go on, those of its parcel wait and come in their order; then there is no chain any more", () => {
  const order = new ParcelOrder("key");
  const [a, b, c, other] = [itemOf("p", 1), itemOf("p", 2), itemOf("p", 3), itemOf("q", 4)];
  expect([a, b, other].map((item) => order.waits(item))).toEqual([false, false, false]);
  order.begin(a);
  order.begin(a);
  expect([a, b, c, other].map((item) => order.waits(item))).toEqual([false, true, true, false]);
  expect([order.next(other), order.next(a), order.waits(b), order.size]).toEqual([null, b, false, 1]);
  expect([order.next(b), order.next(c), order.size]).toEqual([c, null, 0]);
});

test("what is out of hand by its turn never comes", () => {
  const order = new ParcelOrder("key");
  const [a, b, c, d] = [itemOf("p", 1), itemOf("p", 2), itemOf("p", 3), itemOf("p", 4)];
  order.begin(a);
  for (const item of [b, c, d]) order.waits(item);
  b.isInHand = false;
  order.sweep();
  c.isInHand = false;
  expect(order.next(a)).toBe(d);
  d.isInHand = false;
  expect([order.next(d), order.size]).toEqual([null, 0]);
});

test("an order is a parcel's, the whole queue's, or nobody's", () => {
  const [a, b] = [itemOf("p", 1), itemOf("q", 2)];
  const waits = (["key", "queue", "none"] as const).map((keeps) => {
    const order = new ParcelOrder(keeps);
    a.chain = null;
    order.begin(a);
    return [order.waits(itemOf("p", 3)), order.waits(b), order.isBehind(b, a), order.isBehind(itemOf("p", 3), a)];
  });
  expect(waits).toEqual([
    [true, false, false, true],
    [true, true, true, true],
    [false, false, false, false],
  ]);
});

test("behind one is only what came later, and does not run", () => {
  const order = new ParcelOrder("key");
  const running = itemOf("p", 3);
  running.isRunning = true;
  expect([itemOf("p", 1), itemOf("p", 2), running, itemOf("p", 4)].map((item) => order.isBehind(item, itemOf("p", 2)))).toEqual([
    false,
    false,
    false,
    true,
  ]);
});

test("a chain under the old order ends, though the group's order changed while its first one ran", () => {
  const order = new ParcelOrder("key");
  const [a, b] = [itemOf("p", 1), itemOf("p", 2)];
  order.begin(a);
  order.waits(b);
  order.keeps = "queue";
  expect([order.next(a), order.next(b), order.size]).toEqual([b, null, 0]);
});
