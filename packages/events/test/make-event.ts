import { type EventData, type EventType, eventTypes, type ParcelEvent, parcelEventSchema } from "../src/parcel-events.ts";

/** The smallest good payload of every type. */
export const smallestData: { [K in EventType]: EventData<K> } = {
  ready: { zone: "north" },
  claimed: { driver: "dana", zone: "north" },
  released: { driver: "dana", zone: "north" },
  pickup: {},
  "in-transit": {},
  delivered: {},
  "attempt-failed": { reason: "nobody-home", action: "retry" },
  returning: {},
  returned: {},
  cancelled: {},
  message: { text: "at the back door" },
};

const extra = { weightKg: 2.5, fragile: true, ref: "A-1", none: null };
const place = { lat: 52.5, lng: 13.4 };

/** A good payload with every field. */
export const fullestData: Record<EventType, Record<string, unknown>> = {
  ready: { zone: "north", address: "Main St 1", customer: "Ana", items: 3, note: "ring twice", extra },
  claimed: { driver: "dana", zone: "north" },
  released: { driver: "dana", zone: "north", reason: "flat tyre" },
  pickup: { customer: "Ana", address: "Main St 1", items: 3, ...place, note: "heavy", extra },
  "in-transit": { etaAt: "2026-05-01T12:00:00+02:00", ...place, note: "slow", extra },
  delivered: { receivedBy: "Ana", proof: "sha256-9f", ...place, note: "left at door", extra },
  "attempt-failed": { reason: "no-access", action: "hold", ...place, note: "gate", extra },
  returning: { reason: "refused", note: "unopened", extra },
  returned: { receivedBy: "Ben", note: "shelf 3", extra },
  cancelled: { reason: "customer changed her mind", extra },
  message: { text: "at the back door", from: "Ana", extra },
};

/** A good event of store `acme`, parcel `p-1`; whatever is given replaces its part. */
export function makeEvent(type: EventType, parts: { id?: string; at?: string; data?: Record<string, unknown> } = {}): ParcelEvent {
  return parcelEventSchema.parse({
    id: `e-${eventTypes.indexOf(type)}`,
    parcel: "p-1",
    store: "acme",
    at: "2026-05-01T10:00:00Z",
    data: smallestData[type],
    ...parts,
    type,
  });
}
