import type { Entry } from "@waybill/queue";
import type { StoredEvent } from "@waybill/storage";

/** What the hub keeps of an event behind the engine's `ref`. */
export type EventRef = { id: string; homeOffset: number; body: Uint8Array };

export function entryOf(event: StoredEvent, resolved: boolean): Entry {
  const ref: EventRef = { id: event.id, homeOffset: event.homeOffset === event.offset ? 0 : event.homeOffset, body: event.body };
  return {
    offset: event.offset,
    key: event.parcel,
    type: event.type,
    bytes: event.body.length,
    recordedAtMs: event.recordedAtMs,
    ref,
    ...(resolved ? { resolved } : {}),
  };
}

/** The engine hands back what this file gave it. */
export function refOf(entry: Pick<Entry, "ref">): EventRef {
  return entry.ref as EventRef;
}
