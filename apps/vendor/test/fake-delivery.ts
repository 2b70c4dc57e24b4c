import type { Delivery } from "@waybill/client";
import type { ParcelEvent } from "@waybill/events";

/** A delivery as the client hands it out, of this event; its lease holds. */
export const fakeDelivery = (event: Partial<ParcelEvent> = {}, place: Partial<Omit<Delivery, "event">> = {}): Delivery => ({
  event: {
    id: "e-1",
    type: "pickup",
    parcel: "P-1",
    store: "acme-widgets",
    at: "2026-03-01T08:00:00+01:00",
    data: {},
    ...event,
  } as ParcelEvent,
  queue: "store/acme-widgets",
  group: "main",
  offset: 17,
  generation: 1,
  recordedAt: new Date("2026-03-01T07:00:01Z"),
  attempt: 1,
  redrive: 0,
  token: "3.99",
  signal: new AbortController().signal,
  ack: () => undefined,
  nack: () => undefined,
  reject: () => undefined,
  ...place,
});
