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
