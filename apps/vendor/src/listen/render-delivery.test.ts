import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { fakeDelivery } from "../../test/fake-delivery.ts";
import { commandEnv } from "./command-env.ts";
import { deliveryLine, deliveryRecord, type Handled } from "./render-delivery.ts";

const acked: Handled = { outcome: "acked" };
const line = (...args: Parameters<typeof fakeDelivery>) => stripVTControlCharacters(deliveryLine(fakeDelivery(...args), acked));

test("a line tells time, store, parcel, type and the place in the store's order", () => {
  expect(line()).toBe("2026-03-01 08:00:00  acme-widgets      P-1           pickup          #17");
});

test("it tells what a shop looks for in the payload", () => {
  expect(line({ type: "delivered", data: { receivedBy: "B. Okafor" } })).toMatch(/#17 +to B. Okafor$/);
  expect(line({ type: "attempt-failed", data: { reason: "nobody-home", action: "retry" } })).toMatch(/nobody-home, retry$/);
  expect(line({ type: "claimed", data: { driver: "driver-1", zone: "north" } })).toMatch(/by driver-1$/);
});

test("a repeated attempt and a redrive are said, and so is a failure with its reason", () => {
  expect(line({}, { attempt: 3, redrive: 1 })).toMatch(/attempt 3 {2}redrive 1, late$/);
  expect(stripVTControlCharacters(deliveryLine(fakeDelivery(), { outcome: "failed", reason: "no paper" }))).toMatch(/failed: no paper$/);
});

test("text of strangers cannot steer the terminal", () => {
  const text = line({ type: "message", data: { text: "hi\u001b[2J\u0007\nthere" } });
  expect(text).toMatch(/hi \[2J there$/);
});

test("the record is one object with the event as it was published", () => {
  expect(deliveryRecord(fakeDelivery({}, { attempt: 2 }), { outcome: "failed", reason: "no paper" })).toEqual({
    queue: "store/acme-widgets",
    group: "main",
    offset: 17,
    recordedAt: "2026-03-01T07:00:01.000Z",
    attempt: 2,
    redrive: 0,
    outcome: "failed",
    reason: "no paper",
    event: expect.objectContaining({ id: "e-1", type: "pickup" }),
  });
});

test("a command is told where its event stands, and the token that guards its writes", () => {
  expect(commandEnv(fakeDelivery())).toMatchObject({
    WAYBILL_EVENT_TYPE: "pickup",
    WAYBILL_PARCEL: "P-1",
    WAYBILL_STORE: "acme-widgets",
    WAYBILL_OFFSET: "17",
    WAYBILL_ATTEMPT: "1",
    WAYBILL_DELIVERY_TOKEN: "3.99",
  });
});
