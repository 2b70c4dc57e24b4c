import { expect, test } from "vitest";
import type { CapsKind } from "./dialect.ts";
import { createKeptMessages, type Kept } from "./kept.ts";

const kept = (offset: number, event: CapsKind, parcel: string, id = `${event}:${parcel}`): Kept => {
  const order = { orderId: parcel };
  const message = { event, time: "", messageID: id, messageId: id, clientId: "s", queueId: "s", payload: order, order };
  return { offset, parcel, store: "s", message, token: offset, state: "held", sentTo: new WeakSet() };
};

test("a receipt is for the message of that id; where none has it, for the order of that id", () => {
  const messages = createKeptMessages();
  const [first, second] = [kept(1, "in-transit", "o-1", "m-1"), kept(2, "delivered", "o-2", "o-1")];
  messages.add(first);
  messages.add(second);
  expect(messages.find({ messageId: "m-1", parcel: "m-1" })).toBe(first);
  expect(messages.find({ messageId: "o-1", parcel: "o-1" })).toBe(second);
  expect(messages.find({ messageId: "o-2", parcel: "o-2" })).toBe(second);
  expect(messages.find({ parcel: "o-1" })).toBe(first);
  expect(messages.find({ messageId: "m-9", parcel: "m-9" })).toBeNull();
});

test("a message that names its kind is not taken for another of the same order", () => {
  const messages = createKeptMessages();
  const there = kept(2, "delivered", "o-1");
  messages.add(there);
  expect(messages.find({ parcel: "o-1", kind: "in-transit" })).toBeNull();
  expect(messages.find({ parcel: "o-1", kind: "delivered" })).toBe(there);
});

test("what waits for its receipt is meant before what lapsed, and that before what had one", () => {
  const messages = createKeptMessages();
  const [done, lapsed, held] = [kept(1, "in-transit", "o-1", "a"), kept(2, "in-transit", "o-1", "b"), kept(3, "delivered", "o-1", "c")];
  for (const message of [done, lapsed, held]) messages.add(message);
  done.state = "done";
  messages.lapse([[2, 2]]);
  expect(messages.held()).toEqual([held]);
  expect(messages.find({ parcel: "o-1" })).toBe(held);
  held.state = "done";
  expect(messages.find({ parcel: "o-1" })).toBe(lapsed);
  expect(messages.find({ messageId: "a" })).toBe(done);
});

test("what had its receipt is forgotten in time, what waits for it never", () => {
  const messages = createKeptMessages();
  const first = kept(1, "delivered", "first");
  messages.add(first);
  for (let offset = 2; offset < 1_500; offset += 1) {
    const other = kept(offset, "delivered", `o-${offset}`);
    messages.add(other);
    other.state = "done";
  }
  expect(messages.held()).toEqual([first]);
  expect(messages.find({ parcel: "o-2" })).toBeNull();
  expect(messages.find({ parcel: "o-1499" })).not.toBeNull();
});
