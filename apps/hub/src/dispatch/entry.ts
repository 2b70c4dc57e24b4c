import type { Entry } from "@waybill/queue";
import type { StoredEvent } from "@waybill/storage";
import { notBeforeMsOf } from "../publish/not-before.ts";

/** What the hub keeps of an event behind the engine's `ref`. */
export type EventRef = { id: string; homeOffset: number; body: Uint8Array };

export function entryOf(event: StoredEvent, resolved: boolean): Entry {
  const entry = make(event, event.homeOffset === event.offset ? 0 : event.homeOffset);
  return resolved ? { ...entry, resolved } : entry;
}

type Kept = Pick<StoredEvent, "offset" | "parcel" | "type" | "recordedAtMs" | "id" | "body">;

/** `homeOffset` is 0 in the home queue itself. */
export const entryWith = (event: Kept & Pick<StoredEvent, "homeOffset">): Entry => make(event, event.homeOffset);

function make({ offset, parcel, type, recordedAtMs, id, body }: Kept, homeOffset: number): Entry {
  const ref: EventRef = { id, homeOffset, body };
  const entry: Entry = { offset, key: parcel, type, bytes: body.length, recordedAtMs, ref };
  const notBeforeMs = notBeforeMsOf(body);
  return notBeforeMs === undefined ? entry : { ...entry, notBeforeMs };
}

/** The engine hands back what this file gave it. */
export function refOf(entry: Pick<Entry, "ref">): EventRef {
  return entry.ref as EventRef;
}
