import { toJsonBytes } from "@waybill/events";
import { expect, test } from "vitest";
import { makeCandidate } from "../publish/candidate.ts";
import { QueuedEvent } from "./entry.ts";

const notBefore = "2026-05-01T09:30:00+02:00";
const scan = { id: "e1", type: "in-transit", parcel: "p1", store: "acme", at: "2026-05-01T09:00:00+02:00", data: {} };
const publisher = { tenant: "default", from: { kind: "hub" as const } };
const place = { offset: 7, recordedAtMs: 1_000 };

test.each([[undefined], [notBefore]])("when an event may be offered is the same as it is published and as it is read again: %s", (time) => {
  const event = time === undefined ? scan : { ...scan, notBefore: time };
  const published = new QueuedEvent(makeCandidate(event, publisher), place, 0);
  const again = new QueuedEvent({ id: "e1", type: scan.type, parcel: "p1", body: toJsonBytes(event) }, place, 0);
  const timeMs = time === undefined ? undefined : Date.UTC(2026, 4, 1, 7, 30);
  expect([published.notBeforeMs, again.notBeforeMs]).toEqual([timeMs, timeMs]);
  expect(again).toEqual(published);
});
