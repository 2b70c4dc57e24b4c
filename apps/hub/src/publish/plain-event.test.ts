import { type EventType, eventTypes, parsePlainPublish } from "@waybill/events";
import { expect, test } from "vitest";
import { parseEvent } from "./candidate.ts";
import { type PlainEvent, plainEventOf } from "./plain-event.ts";

const type = "in-transit";
/** Its `data` is asked for, and parsed. */
const parsedType = "attempt-failed";
const written = (more: object = {}) =>
  JSON.stringify({ id: "d-5512", parcel: "p-77", store: "acme", at: "2026-05-01T09:30:00+02:00", data: { note: "ünd 📦" }, ...more });
const failed = { reason: "refused", action: "hold", note: "ünd 📦" };

/** As it stands in a packet. */
function read(json: string, name: EventType = type): PlainEvent | null {
  const before = `42/driver,1["${name}",`;
  const bytes = Buffer.from(`${before}${json}]`);
  return plainEventOf(name, bytes, before.length, bytes.length - 1);
}
/** By the schemas. `null`: they refuse it. */
function bySchema(json: string, name: EventType = type): unknown {
  try {
    const { data } = parsePlainPublish(JSON.parse(json));
    return data ? parseEvent({ ...data, type: name, data: data.data ?? {} }) : null;
  } catch {
    return null;
  }
}
const bodyOf = ({ body }: PlainEvent): unknown => JSON.parse(Buffer.from(body).toString());

test("an event that is written as the protocol shows it is read without its schemas, and kept with its type", () => {
  const json = written({ data: failed });
  const found = read(json, parsedType);
  expect(found?.event).toEqual({ type: parsedType, ...JSON.parse(json) });
  expect(found && bodyOf(found)).toEqual(found?.event);
});

test("where nobody asks for its data on its way, nothing is made of that", () => {
  const found = read(written());
  expect(found?.event).toEqual({ id: "d-5512", type, parcel: "p-77", store: "acme" });
  expect(found && bodyOf(found)).toEqual({ type, ...JSON.parse(written()) });
});

test("one with more in it than a pattern tells is parsed", () => {
  for (const note of ["\n", "x".repeat(1_000)]) expect(read(written({ data: { note } }))?.event).toHaveProperty("data", { note });
});

test("what lies before and behind it stays as it came", () => {
  const json = written();
  const around = `42/driver,1["${type}",`;
  const bytes = Buffer.from(`behind another${around}${json}]before another`);
  const start = "behind another".length + around.length;
  const packet = bytes.subarray("behind another".length);
  const found = plainEventOf(type, packet, around.length, around.length + Buffer.byteLength(json));
  expect(found && bodyOf(found)).toEqual({ type, ...JSON.parse(json) });
  expect(bytes.toString("utf8", 0, "behind another".length)).toBe("behind another");
  expect(bytes.toString("utf8", start + Buffer.byteLength(json))).toBe("]before another");
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
])("%s it is left to them", (_, json) => {
  expect(read(json)).toBeNull();
});

test("what may be nested deeply is left to them where it would be parsed", () => {
  expect(read(written({ data: { ...failed, note: "[".repeat(100) } }), parsedType)).toBeNull();
});

test("whatever its type is", () => {
  for (const name of eventTypes) expect(read(written({ data: { unknown: 1 } }), name)).toBeNull();
});

const pieces = ["", '"', "\\", "{", "}", ",", ":", '"data":{}', "__proto__", "null", "7", " ", "é", "🚚", "\u0000"];

test.each<[EventType, object]>([
  [type, { note: "ünd 📦", lat: 52.5 }],
  [parsedType, failed],
])("what is read of a `%s` with anything in it is what the schemas read, and what is kept says the same", (name, data) => {
  const whole = written({ data });
  for (let at = 0; at <= whole.length; at += 1) {
    for (const put of pieces) {
      for (const length of [0, 1]) {
        // As it comes over the wire, where half of a character is none.
        const json = Buffer.from(whole.slice(0, at) + put + whole.slice(at + length)).toString();
        const found = read(json, name);
        if (found === null) continue;
        const bySchemas = bySchema(json, name);
        expect(bySchemas, json).toMatchObject(found.event);
        expect(bodyOf(found), json).toEqual(bySchemas);
      }
    }
  }
});
