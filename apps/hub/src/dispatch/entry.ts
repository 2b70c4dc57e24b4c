import type { Entry } from "@waybill/queue";
import type { StoredEvent } from "@waybill/storage";
import { notBeforeMsOf } from "../publish/not-before.ts";

/** What the hub keeps of an event behind the engine's `ref`. */
export type EventRef = { id: string; homeOffset: number; body: Uint8Array };

export function entryOf(event: StoredEvent, resolved: boolean): Entry {
  const homeOffset = event.homeOffset === event.offset ? 0 : event.homeOffset;
  const entry = entryWith({ ...event, homeOffset });
  return resolved ? { ...entry, resolved } : entry;
}

/** `homeOffset` is 0 in the home queue itself. */
export function entryWith(event: Pick<StoredEvent, "offset" | "parcel" | "type" | "recordedAtMs" | "id" | "homeOffset" | "body">): Entry {
  const { offset, parcel, type, recordedAtMs, id, homeOffset, body } = event;
  const ref: EventRef = { id, homeOffset, body };
  const entry: Entry = { offset, key: parcel, type, bytes: body.length, recordedAtMs, ref };
  const notBeforeMs = notBeforeMsOf(body);
  return notBeforeMs === undefined ? entry : { ...entry, notBeforeMs };
}

/** The engine hands back what this file gave it. */
export function refOf(entry: Pick<Entry, "ref">): EventRef {
  return entry.ref as EventRef;
}
