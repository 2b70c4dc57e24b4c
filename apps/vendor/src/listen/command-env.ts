import type { Delivery } from "@waybill/client";

/** What a command is told of its delivery, besides the event on its stdin. A write that matters guards itself with the token. */
export function commandEnv({ event, queue, group, offset, attempt, redrive, token }: Delivery): Record<string, string> {
  return {
    WAYBILL_EVENT_ID: event.id,
    WAYBILL_EVENT_TYPE: event.type,
    WAYBILL_EVENT_AT: event.at,
    WAYBILL_STORE: event.store,
    WAYBILL_PARCEL: event.parcel,
    WAYBILL_QUEUE: queue,
    WAYBILL_GROUP: group,
    WAYBILL_OFFSET: String(offset),
    WAYBILL_ATTEMPT: String(attempt),
    WAYBILL_REDRIVE: String(redrive),
    WAYBILL_DELIVERY_TOKEN: token,
  };
}
