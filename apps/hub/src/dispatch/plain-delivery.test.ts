import { toJsonBytes } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import { expect, test } from "vitest";
import { DeliveryPacket, plainPlaceOf } from "./plain-delivery.ts";

const event = { id: "e1", type: "pickup", parcel: "p1", store: "acme", data: { note: 'Zoë "}" 📦' } };
const itemOf = (body: Uint8Array, more: { redrive?: number; failed?: number; recordedAtMs?: number; type?: string } = {}): DeliveryItem => {
  const { type = "pickup", recordedAtMs = 1_772_000_000_123, redrive = 0, failed = 0 } = more;
  const entry = { offset: 40_123, key: "p1", type, bytes: body.length, recordedAtMs, ref: { id: "e1", homeOffset: 0, body } };
  return { entry, failed, interrupted: 0, redrive };
};
const place = plainPlaceOf("/vendor", "store/acme");

/** With something before and behind it, which has to stay. */
function written(id: number, item: DeliveryItem): string {
  const packet = new DeliveryPacket(place, id, item);
  const into = Buffer.from("-".repeat(packet.bytes + 4));
  expect(packet.write(into, 2)).toBe(2 + packet.bytes);
  const text = into.toString();
  expect([text.slice(0, 2), text.slice(-2)]).toEqual(["--", "--"]);
  return text.slice(2, -2);
}

test.each([
  ["as JSON.stringify writes it", "", ""],
  ["with blanks around it", " \n", "\t "],
])("an event's packet is its JSON with where it stands behind it: %s", (_, before, behind) => {
  const body = Buffer.from(`${before}${JSON.stringify(event)}${behind}`);
  for (const id of [0, 9, 10, 123_456]) {
    const where = { queue: "store/acme", offset: 40_123, recordedAt: 1_772_000_000_123, attempt: 1 };
    const text = written(id, itemOf(body));
    expect(text.startsWith(`2/vendor,${id}["pickup",`)).toBe(true);
    expect(JSON.parse(text.slice(`2/vendor,${id}`.length))).toEqual(["pickup", { ...event, ...where }]);
  }
});

test("each is of its own type, time and attempt, and says when it is sent again on purpose", () => {
  const read = (item: DeliveryItem): unknown => JSON.parse(written(1, item).slice("2/vendor,1".length));
  const body = toJsonBytes(event);
  for (const type of ["pickup", "in-transit", "pickup"]) expect(read(itemOf(body, { type }))).toMatchObject([type, {}]);
  for (const recordedAtMs of [7, 0, 7])
    expect(read(itemOf(body, { recordedAtMs }))).toMatchObject(["pickup", { recordedAt: recordedAtMs }]);
  expect(read(itemOf(body, { redrive: 12, failed: 11 }))).toMatchObject(["pickup", { redrive: 12, attempt: 12 }]);
});

test("what is no JSON object is no event", () => {
  expect(() => new DeliveryPacket(place, 1, itemOf(Buffer.from("[]")))).toThrow("no JSON object");
});
