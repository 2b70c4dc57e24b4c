import type { Entry } from "@waybill/client";
import { type ParcelEvent, parcelEventSchema } from "@waybill/events";

/** An event on its way into an outbox, as the publisher makes it. */
export function entryOf(id: string): Entry {
  const event: ParcelEvent = parcelEventSchema.parse({
    id,
    type: "message",
    parcel: "p1",
    store: "acme",
    at: "2024-06-11T10:00:00.000+02:00",
    data: { text: `hello from ${id}` },
  });
  return { event, body: new TextEncoder().encode(JSON.stringify(event)), number: 0, queue: "store/acme", waiter: null };
}
