import { HubError } from "@waybill/events";
import { expect, test } from "vitest";
import { parcelOf, readOrder, readReceipts, readWho } from "./read-message.ts";

const stores = new Set(["acme-widgets", "1-206-flowers"]);
const order = { store: "acme-widgets", orderId: "o-1", customer: "Ana", address: "1 Main St" };
const codeOf = (read: () => unknown): string => {
  try {
    read();
    return "none";
  } catch (error) {
    return error instanceof HubError ? error.code : String(error);
  }
};

test.each([
  ["bare", order, {}],
  ["{ event, time, payload }", { event: "pickup", time: "2026-05-01T09:30:00.000Z", payload: order }, { at: "2026-05-01T09:30:00.000Z" }],
  ["{ messageID, payload }", { messageID: "m-1", payload: order }, { messageId: "m-1" }],
  ["{ event, messageId, clientId, order }", { event: "PICKUP", messageId: "m-1", clientId: "acme-widgets", order }, { messageId: "m-1" }],
  ["one in another", { payload: { messageID: "m-1", payload: order } }, { messageId: "m-1" }],
  [
    "a time as people write it",
    { event: "pickup", time: "Fri, 01 May 2026 09:30:00 GMT", payload: order },
    { at: "2026-05-01T09:30:00.000Z" },
  ],
  ["a time that is none", { event: "pickup", time: "noon", payload: order }, {}],
  ["a clock that was never set", { event: "pickup", time: "1970-01-01T00:00:01Z", payload: order }, {}],
])("an order is found: %s", (_, message, more) => {
  expect(readOrder("pickup", message, stores)).toEqual({ orderId: "o-1", parcel: "o-1", store: "acme-widgets", order, ...more });
});

test("an envelope of another kind says neither when this was, nor what its id is", () => {
  const passedOn = { event: "pickup", time: "2026-05-01T09:30:00Z", messageID: "m-1", payload: order };
  expect(readOrder("in-transit", passedOn, stores)).toEqual({ orderId: "o-1", parcel: "o-1", store: "acme-widgets", order });
});

test.each([
  [{ orderID: "o-1" }, "o-1"],
  [{ order_id: 7 }, "7"],
  [{ OrderId: " o-1 " }, "o-1"],
  [{ code: "4023490zdffdg" }, "4023490zdffdg"],
  [{ id: "o-1" }, "o-1"],
])("an order's id is spelt %j", (spelt, parcel) => {
  expect(readOrder("pickup", { store: "acme-widgets", ...spelt }, stores).parcel).toBe(parcel);
});

test("an id that is no name for us becomes one, always the same and of nobody else", () => {
  expect(parcelOf("order #1")).toBe(parcelOf("order #1"));
  expect(parcelOf("order #1")).toMatch(/^order-[0-9a-f]{32}$/);
  expect(parcelOf("order #1")).not.toBe(parcelOf("order #2"));
});

test.each([
  [{ store: "Acme Widgets" }, "acme-widgets"],
  [{ storeName: "1-206-flowers" }, "1-206-flowers"],
  [{ retailer: "ACME WIDGETS!" }, "acme-widgets"],
  [{ clientId: "acme-widgets" }, "acme-widgets"],
  [{ queueId: "acme-widgets", vendor: "1-206-flowers" }, "1-206-flowers"],
])("a store is named %j", (named, store) => {
  expect(readOrder("pickup", { orderId: "o-1", ...named }, stores).store).toBe(store);
});

test.each([
  ["nothing", undefined, "INVALID_MESSAGE"],
  ["null", null, "INVALID_MESSAGE"],
  ["a word", "order", "INVALID_MESSAGE"],
  ["a number", 7, "INVALID_MESSAGE"],
  ["a list", [order], "INVALID_MESSAGE"],
  ["an empty object", {}, "INVALID_MESSAGE"],
  ["no order id", { store: "acme-widgets" }, "INVALID_MESSAGE"],
  ["an order id that is an object", { store: "acme-widgets", orderId: {} }, "INVALID_MESSAGE"],
  ["no store", { orderId: "o-1" }, "INVALID_MESSAGE"],
  ["a store that nobody named", { ...order, store: "elsewhere" }, "UNKNOWN_STORE"],
  ["such a store, from a client of another", { clientId: "acme-widgets", order: { ...order, store: "elsewhere" } }, "UNKNOWN_STORE"],
  ["a poisoned key", { ...order, constructor: { prototype: 1 } }, "INVALID_MESSAGE"],
  [
    "a poisoned key deep inside",
    JSON.parse('{"payload":{"store":"acme-widgets","orderId":"o","a":[{"__proto__":{"x":1}}]}}'),
    "INVALID_MESSAGE",
  ],
])("%s is no order", (_, message, code) => {
  expect(codeOf(() => readOrder("pickup", message, stores))).toBe(code);
  expect(Reflect.get({}, "x")).toBeUndefined();
});

const driver = { is: "driver" };
const acme = { is: "store", store: "acme-widgets" };
test.each([
  ["acme-widgets", acme],
  ["Acme Widgets", acme],
  [{ store: "acme-widgets" }, acme],
  [{ queueId: "acme-widgets" }, acme],
  [{ clientId: "acme-widgets", event: "delivered" }, acme],
  [{ vendor: "acme-widgets" }, acme],
  [order, acme],
  ["driver", driver],
  ["DRIVERS", driver],
  ["driver-1", driver],
  [{ queueId: "driver" }, driver],
  [{ clientId: "Driver", eventName: "PICKUP" }, driver],
  [undefined, { is: "same" }],
  [null, { is: "same" }],
  [{ event: "delivered" }, { is: "same" }],
])("%j says who it is", (said, who) => {
  expect(readWho(said, stores)).toEqual(who);
});

test.each([
  ["elsewhere", "UNKNOWN_STORE"],
  ["driverless-cars", "UNKNOWN_STORE"],
  [{ store: "elsewhere" }, "UNKNOWN_STORE"],
  [{ store: "__proto__" }, "UNKNOWN_STORE"],
  [true, "INVALID_MESSAGE"],
  [["acme-widgets"], "INVALID_MESSAGE"],
])("%j says nothing", (said, code) => {
  expect(codeOf(() => readWho(said, stores))).toBe(code);
});

test.each([
  ["m-1", [{ messageId: "m-1", parcel: "m-1" }]],
  [
    ["m-1", "m-2"],
    [
      { messageId: "m-1", parcel: "m-1" },
      { messageId: "m-2", parcel: "m-2" },
    ],
  ],
  [{ messageID: "m-1" }, [{ messageId: "m-1", parcel: "m-1" }]],
  [{ queueId: "driver", messageId: "m-1" }, [{ messageId: "m-1", parcel: "m-1" }]],
  [{ clientId: "acme-widgets", event: "DELIVERED", messageId: "m-1" }, [{ messageId: "m-1", parcel: "m-1", kind: "delivered" }]],
  [{ ids: ["m-1"] }, [{ messageId: "m-1", parcel: "m-1" }]],
  [order, [{ parcel: "o-1" }]],
  [{ messageID: "m-1", event: "in-transit", payload: order }, [{ messageId: "m-1", parcel: "o-1", kind: "in-transit" }]],
  [{ event: "Picked up", payload: order }, [{ parcel: "o-1" }]],
])("a receipt for %j", (said, receipts) => {
  expect(readReceipts(said)).toEqual(receipts);
});

test.each([[undefined], [null], [""], [{}], [[]], [{ queueId: "DRIVER" }], [true], [[null]], [Array.from({ length: 513 }, () => "m")]])(
  "%j is no receipt",
  (said) => {
    expect(codeOf(() => readReceipts(said))).toBe("INVALID_MESSAGE");
  },
);
