/** The events of the bench: valid, of a given size, and each tells where it belongs, so that whoever gets it can check it. */
import type { ParcelEvent } from "@waybill/events";

/** Parcels of a source that are under way side by side, and events of each. */
export const PARCELS_AT_ONCE = 500;
const EVENTS_PER_PARCEL = 4;
const AT = "2026-05-01T09:30:00+02:00";

export const storeName = (store: number): string => `s${store}`;
export const storeQueue = (store: number): string => `store/${storeName(store)}`;
export const homeOf = (event: ParcelEvent): string => `store/${event.store}`;

/** A source counts its own events, from 0: one producer's for one store, in one phase of a run. */
export const sourceName = (phase: string, producer: number, store: number): string => `${phase}.${producer}.${store}`;
export const phaseOf = (source: string): string => source.slice(0, source.indexOf("."));

/** So many parcels take turns for ever, whatever the phase; for queues that have one producer. `null`: each source has its own, see `parcelIndexOf`. */
export type Keys = number | null;

/** 500 parcels take turns until each had its four events, then come the next 500. */
export function parcelIndexOf(seq: number, keys: Keys = null): number {
  if (keys !== null) return seq % keys;
  return Math.floor(seq / (PARCELS_AT_ONCE * EVENTS_PER_PARCEL)) * PARCELS_AT_ONCE + (seq % PARCELS_AT_ONCE);
}
export const parcelOf = (source: string, seq: number, keys: Keys = null): string =>
  `${keys === null ? source : "key"}-${parcelIndexOf(seq, keys)}`;

export const eventId = (source: string, seq: number): string => `${source}:${seq}`;
export type EventId = { source: string; seq: number };
export function readId(id: string): EventId {
  const at = id.indexOf(":");
  return { source: id.slice(0, at), seq: Number(id.slice(at + 1)) };
}

export type BenchEvent = Extract<ParcelEvent, { type: "in-transit" }> & { data: { note: string } };

/** `bytes` of JSON, filled up with the note; `stamp` stands at the note's head. */
export function benchEvent(
  source: string,
  seq: number,
  { store, bytes, stamp = "", keys = null }: { store: number; bytes: number; stamp?: string; keys?: Keys },
): BenchEvent {
  const id = eventId(source, seq);
  const parcel = parcelOf(source, seq, keys);
  const name = storeName(store);
  const fixed = id.length + parcel.length + name.length + stamp.length + OTHER_BYTES;
  return {
    id,
    type: "in-transit",
    parcel,
    store: name,
    at: AT,
    data: { note: `${stamp}${filling(Math.max(0, bytes - fixed))}` },
  };
}

/** Made once for each length: what a peer is measured with costs it next to nothing. */
const fillings: string[] = [];
const filling = (length: number): string => (fillings[length] ??= "x".repeat(length));

/** Names, quotes and what is the same in all of them. */
const OTHER_BYTES = JSON.stringify({ id: "", type: "in-transit", parcel: "", store: "", at: AT, data: { note: "" } }).length;
