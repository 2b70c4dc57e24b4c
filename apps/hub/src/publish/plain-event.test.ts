import { type EventType, eventTypes, parsePlainPublish } from "@waybill/events";
import { expect, test } from "vitest";
import { parseEvent } from "./candidate.ts";
import { type PlainEvent, plainEventOf } from "./plain-event.ts";

const type = "in-transit";
const written = (more: object = {}) =>
  JSON.stringify({ id: "d-5512", parcel: "p-77", store: "acme", at: "2026-05-01T09:30:00+02:00", data: { note: "ünd 📦" }, ...more });

/** As it stands in a packet. */
function read(json: string, name: EventType = type): PlainEvent | null {
  const before = `42/driver,1["${name}",`;
  const bytes = Buffer.from(`${before}${json}]`);
  return plainEventOf(name, bytes, before.length, bytes.length - 1);
}
/** By the schemas. `null`: they refuse it. */
function bySchema(json: string): unknown {
  try {
    const { data } = parsePlainPublish(JSON.parse(json));
    return data ? parseEvent({ ...data, type, data: data.data ?? {} }) : null;
  } catch {
    return null;
  }
}
const bodyOf = ({ body }: PlainEvent): unknown => JSON.parse(Buffer.from(body).toString());

test("an event that is written as the protocol shows it is read without its schemas, and kept with its type", () => {
  const found = read(written());
  expect(found?.event).toEqual({ type, ...JSON.parse(written()) });
  expect(found && bodyOf(found)).toEqual(found?.event);
});

test.each<[string, string]>([
  ["in another order", JSON.stringify({ parcel: "p-77", ...JSON.parse(written()) })],
  ["with blanks", JSON.stringify(JSON.parse(written()), null, 1)],
  ["with more", written({ more: 1 })],
  ["with its type", written({ type: "delivered" })],
  ["with a time of its own", written({ notBefore: "2026-05-01T09:30:00+02:00" })],
  ["without an id", written({ id: undefined })],
  ["without a time", written({ at: undefined })],
  ["without data", written({ data: undefined })],
  ["with data of another type", written({ data: { receivedBy: "Ana" } })],
  ["with a key __proto__ in its data", written().replace('"note":', '"__proto__":{},"note":')],
  ["with an escape in it", written().replace("ünd", "\\u00fc")],
  ["with data twice", written().replace("}}", '},"data":{}}')],
  ["with an id twice", written().replace("}}", '},"id":"other"}')],
  ["nested deeply", written({ data: { note: "[".repeat(100) } })],
])("%s it is left to them", (_, json) => {
  expect(read(json)).toBeNull();
});

test("whatever its type is", () => {
  for (const name of eventTypes) expect(read(written({ data: { unknown: 1 } }), name)).toBeNull();
});

const pieces = ["", '"', "\\", "{", "}", ",", ":", '"data":{}', "__proto__", "null", "7", " ", "é", "🚚", "\u0000"];

test("what is read of a text with anything in it is what the schemas read, and what is kept says the same", () => {
  for (let at = 0; at <= written().length; at += 1) {
    for (const put of pieces) {
      for (const length of [0, 1]) {
        // As it comes over the wire, where half of a character is none.
        const json = Buffer.from(written().slice(0, at) + put + written().slice(at + length)).toString();
        const found = read(json);
        if (found === null) continue;
        expect(found.event, json).toEqual(bySchema(json));
        expect(bodyOf(found), json).toEqual(found.event);
      }
    }
  }
});
