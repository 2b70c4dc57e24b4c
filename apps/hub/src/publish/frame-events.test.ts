import { encodeFrame, HubError, limits, toJsonBytes } from "@waybill/events";
import { expect, test } from "vitest";
import { originOf } from "./candidate.ts";
import { FrameEvents } from "./frame-events.ts";

const publisher = { tenant: "default", from: { kind: "numbered" as const, producer: "p", incarnation: 1 } };
const origin = originOf(publisher, "store/acme");
const scan = { id: "e1", type: "in-transit", parcel: "p1", store: "acme", at: "2026-11-21T10:00:00Z", data: { note: "on its way" } };
const ready = { ...scan, id: "e2", type: "ready", data: { zone: "sp" } };
const text = (source: string) => new TextEncoder().encode(source);

/** What becomes of the events of a frame with these lines: their ids, or the codes of what is wrong with them. */
function outcomesOf(...bodies: Uint8Array[]): string[] {
  const events = new FrameEvents(encodeFrame({}, bodies));
  return bodies.map((_, index) => {
    try {
      return events.next(origin, index + 1).id;
    } catch (error) {
      return error instanceof HubError ? error.code : String(error);
    }
  });
}

test("an event is what is appended, with its bytes as they came and its number", () => {
  const body = toJsonBytes(scan);
  const event = new FrameEvents(encodeFrame({}, [body])).next(origin, 7);
  const { id, type, parcel } = scan;
  expect(event).toMatchObject({ ...publisher, home: "store/acme", number: 7, id, type, parcel, copies: [], refusal: null });
  expect(event.claim).toBeUndefined();
  expect(Buffer.from(event.body)).toEqual(Buffer.from(body));
});

test("of the event itself nothing is kept while it waits, unless its parcel's claim is asked", () => {
  const events = new FrameEvents(encodeFrame({}, [toJsonBytes(scan), toJsonBytes(ready)]));
  expect(events.next(origin, 1).onClaim).toBeNull();
  expect(events.next(origin, 2).onClaim).toEqual(ready);
});

test("what is wrong with one event is said of that one, and those around it are good", () => {
  const good = toJsonBytes(scan);
  expect(outcomesOf(good, text("{"), good)).toEqual(["e1", "INVALID_MESSAGE", "e1"]);
  expect(outcomesOf(good, new Uint8Array([34, 255, 34]), good)).toEqual(["e1", "INVALID_MESSAGE", "e1"]);
  expect(outcomesOf(text(JSON.stringify(scan).replace('"note"', '"__proto__"')), good)).toEqual(["INVALID_MESSAGE", "e1"]);
  expect(outcomesOf(text(JSON.stringify(scan).replace('"note"', '"\\u005f_proto__"')), good)).toEqual(["INVALID_MESSAGE", "e1"]);
  expect(outcomesOf(text(JSON.stringify(scan).replace(/\}$/, "x")), good)).toEqual(["INVALID_MESSAGE", "e1"]);
  expect(outcomesOf(text(`${JSON.stringify(scan)},{}`), good)).toEqual(["INVALID_MESSAGE", "e1"]);
  expect(outcomesOf(toJsonBytes({ ...scan, data: { note: 1 } }), good)).toEqual(["INVALID_EVENT", "e1"]);
  expect(outcomesOf(toJsonBytes({ ...scan, type: "posted" }), good)).toEqual(["UNKNOWN_TYPE", "e1"]);
  expect(outcomesOf(toJsonBytes({ ...scan, store: "bolt" }), good)).toEqual(["INVALID_EVENT", "e1"]);
  expect(outcomesOf(toJsonBytes({ ...scan, later: "x".repeat(limits.eventBytesMax) }), good)).toEqual(["EVENT_TOO_LARGE", "e1"]);
});

test("an event is the same however its publisher writes it, and its bytes are those that came", () => {
  const fields = { ...scan, data: { note: "unterwegs 🚚, für Ana" } };
  const { id, data, ...rest } = fields;
  const plain = JSON.stringify(scan);
  const lines = [
    JSON.stringify(fields),
    JSON.stringify({ data, ...rest, id }),
    JSON.stringify(fields, null, " ").replaceAll("\n", ""),
    plain,
  ];
  // In one frame, where some are longer in bytes than in characters; and alone.
  const frames = [lines, ...lines.map((line) => [line])];
  for (const frame of frames) {
    const events = new FrameEvents(encodeFrame({}, frame.map(text)));
    for (const [index, line] of frame.entries()) {
      const event = events.next(origin, index + 1);
      expect(event).toMatchObject({ ...origin, id, type: scan.type, parcel: scan.parcel, store: scan.store, notBefore: undefined });
      expect(Buffer.from(event.body).toString()).toBe(line);
    }
  }
});
