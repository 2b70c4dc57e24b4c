import type { ParcelEvent } from "@waybill/events";
import { expect, test } from "vitest";
import { EventEntry } from "./event-entry.ts";
import { Flow } from "./flow.ts";
import { type Entry, isVoid, Lane, Ledger } from "./ledger.ts";
import { newEntry } from "./new-entry.ts";

const QUEUE = "store/acme";
const event = (id: string, note = "Grüße 👋"): ParcelEvent => ({
  id,
  type: "in-transit",
  parcel: "p1",
  store: "acme",
  at: "2026-05-01T07:00:00Z",
  data: { note },
});
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** As an outbox of another kind makes them, from what it kept. */
const plainEntry = (id: string): Entry => ({ number: 0, queue: QUEUE, event: event(id), body: bytesOf(event(id)), waiter: null });

test("event, bytes and their count are those of the JSON that goes over the wire", () => {
  const entry = newEntry(event("e1"));
  expect(entry).toMatchObject({ queue: QUEUE, id: "e1", event: event("e1"), body: bytesOf(event("e1")), waiter: null });
  expect(entry.bytes).toBe(entry.body?.length);
  expect(JSON.parse(entry.text)).toEqual(event("e1"));
});

test("a void keeps its event; its bytes are given back as they were taken", () => {
  const entry: Entry = newEntry(event("e1"));
  const { body } = entry;
  entry.body = null;
  expect([isVoid(entry), entry.body, entry.event.id]).toEqual([true, null, "e1"]);
  entry.body = body;
  expect([isVoid(entry), entry.body, entry.event]).toEqual([false, body, event("e1")]);
});

test("entries that another outbox makes are sent, voided and renumbered as the SDK's own", () => {
  const ledger = new Ledger("producer-1");
  for (const entry of [plainEntry("e1"), newEntry(event("e2")), plainEntry("e3")]) ledger.put(entry);
  expect(ledger.refuse(QUEUE, 1, { code: "FORBIDDEN", retry: "never", message: "no" }, "now")?.event).toEqual(event("e1"));
  const frame = { events: 10, bytes: 10_000, texts: [] };
  const part = new Flow(ledger.lane(QUEUE), 3).fill(frame);
  expect(part?.header).toEqual({ queue: QUEUE, first: 1, count: 3, void: [1] });
  expect(frame.texts).toEqual([JSON.stringify(event("e2")), JSON.stringify(event("e3"))]);
  expect(EventEntry.of(plainEntry("e3"))).toMatchObject({ id: "e3", bytes: bytesOf(event("e3")).length, isVoid: false });
  ledger.renew("producer-2", null);
  expect(
    ledger
      .lane(QUEUE)
      .entries()
      .map(({ number, event: { id } }) => [number, id]),
  ).toEqual([
    [1, "e2"],
    [2, "e3"],
  ]);
});

test("a frame is filled by its bytes, not by its characters", () => {
  const lane = new Lane(QUEUE);
  const entries = ["e1", "e2", "e3"].map((id) => newEntry(event(id, "ü".repeat(100))));
  for (const entry of entries) lane.push(entry);
  const [size = 0] = entries.map(({ bytes }) => bytes + 1);
  const room = (bytes: number) => ({ events: 10, bytes: QUEUE.length + 80 + bytes, texts: [] });
  expect(new Flow(lane, 3).fill(room(2 * size))?.header.count).toBe(2);
  expect(new Flow(lane, 3).fill(room(2 * size - 1))?.header.count).toBe(1);
  expect(new Flow(lane, 3).fill(room(size - 1))).toBeNull();
});
