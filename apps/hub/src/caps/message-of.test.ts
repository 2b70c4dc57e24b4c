import { type ParcelEvent, parcelEventSchema } from "@waybill/events";
import { expect, test } from "vitest";
import type { CapsKind } from "./dialect.ts";
import { eventOf } from "./event-of.ts";
import { messageOf } from "./message-of.ts";
import { type OldOrder, parcelOf } from "./read-message.ts";

const stored = (kind: CapsKind, order: Record<string, unknown>, more: Partial<OldOrder> = {}): ParcelEvent => {
  const orderId = String(order.orderId ?? order.orderID);
  const { type, request } = eventOf(kind, { orderId, parcel: parcelOf(orderId), store: "acme", order, ...more });
  return parcelEventSchema.parse({ at: "2026-05-01T09:30:00Z", ...request, type });
};
const flowers = { store: "Acme", orderId: "o-1", customer: "Ana", address: "1 Main St" };

test("an old pickup is a ready in the pool caps, with what a board shows of it", () => {
  expect(stored("pickup", flowers)).toMatchObject({
    id: "ready:o-1",
    type: "ready",
    parcel: "o-1",
    store: "acme",
    data: { zone: "caps", customer: "Ana", address: "1 Main St" },
  });
  expect(stored("delivered", flowers)).toMatchObject({ id: "delivered:o-1", type: "delivered" });
});

test("the same message has the same id, another message another", () => {
  const idOf = (kind: CapsKind, more: Partial<OldOrder> = {}) => stored(kind, flowers, more).id;
  expect(idOf("in-transit", { messageId: "m-1" })).toBe("in-transit:m-1");
  expect(idOf("in-transit", { messageId: "m-1" })).not.toBe(idOf("delivered", { messageId: "m-1" }));
  expect(idOf("in-transit", { messageId: "m-1" })).not.toBe(idOf("in-transit", { messageId: "m-2" }));
  const odd = "m 1 ".repeat(40);
  expect(idOf("in-transit", { messageId: odd })).toBe(idOf("in-transit", { messageId: odd }));
});

test.each([
  ["as course projects have it", flowers],
  ["with a spelling of its own", { storeName: "Acme", orderID: "o-1", customerName: "Ana" }],
  ["nested, and numbers", { ...flowers, orderId: 7, items: [{ sku: "rose", count: 12 }], address: { street: "Main St", city: "Seattle" } }],
  ["longer than a field", { ...flowers, orderId: "o-1", note: '👋 \\" '.repeat(600) }],
  ["an id that is no name for us", { ...flowers, orderId: "order #1" }],
])("an order goes out as it came in: %s", (_, order) => {
  for (const kind of ["pickup", "in-transit", "delivered"] as const) {
    const message = messageOf(kind, stored(kind, order), null);
    expect(message.order).toMatchObject(order);
    expect(message.payload).toBe(message.order);
    expect(message).toMatchObject({ ...order, event: kind });
  }
});

test("an order that is spelt in another way has the usual names as well", () => {
  const { order } = messageOf(
    "pickup",
    stored("pickup", { storeName: "Acme", orderID: "o-1", customerName: "Ana", address: "1 Main St" }),
    null,
  );
  expect(order).toEqual({
    storeName: "Acme",
    customerName: "Ana",
    store: "acme",
    orderId: "o-1",
    orderID: "o-1",
    customer: "Ana",
    address: "1 Main St",
  });
});

test("every envelope is there at once, and the store is named as the client names it", () => {
  const event = stored("delivered", flowers, { messageId: "m-1" });
  const order = { ...flowers, orderID: "o-1" };
  expect(messageOf("delivered", event, null)).toEqual({
    ...order,
    event: "delivered",
    time: event.at,
    messageID: event.id,
    messageId: event.id,
    clientId: "Acme",
    queueId: "Acme",
    payload: order,
    order,
  });
});

const scanned = parcelEventSchema.parse({
  id: "s-1",
  type: "delivered",
  parcel: "p-77",
  store: "acme",
  at: "2026-05-01T09:30:00Z",
  data: { receivedBy: "Ana", extra: { caps: "not of an old client" } },
});

test("what an SDK's driver sent has the order of the store that asked, or all that is known", () => {
  expect(messageOf("delivered", scanned, stored("pickup", flowers)).order).toEqual({ ...flowers, orderID: "p-77" });
  const asked = parcelEventSchema.parse({
    ...scanned,
    id: "r-1",
    type: "ready",
    data: { zone: "caps", customer: "Ana", address: "1 Main St" },
  });
  const made = { store: "acme", orderId: "p-77", orderID: "p-77" };
  expect(messageOf("delivered", scanned, asked).order).toEqual({ ...made, customer: "Ana", address: "1 Main St" });
  expect(messageOf("delivered", scanned, null).order).toEqual({ ...made, customer: "", address: "" });
});
