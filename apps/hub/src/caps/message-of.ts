import type { ParcelEvent } from "@waybill/events";
import type { CapsKind } from "./dialect.ts";
import { orderKeptIn } from "./event-of.ts";
import type { Fields } from "./fields.ts";

/** What an old client is sent: the order itself, and every envelope around it at once, so that each finds what it looks for. */
export type CapsMessage = Fields & {
  event: CapsKind;
  time: string;
  messageID: string;
  messageId: string;
  clientId: string;
  queueId: string;
  payload: Fields;
  order: Fields;
};

/** The old word for an event; `null`: old clients have none. */
export function kindOfType(type: string): CapsKind | null {
  if (type === "ready") return "pickup";
  return type === "in-transit" || type === "delivered" ? type : null;
}

/**
 * Pure. `asked`: the `ready` of the same parcel, where one is known; from there comes what an SDK's driver does not repeat.
 * An order that an old client sent goes out as it came in, with its own spelling; beside it stand the usual names that it lacks, for
 * not every client is of the project that sent it.
 */
export function messageOf(kind: CapsKind, event: ParcelEvent, asked: ParcelEvent | null): CapsMessage {
  const kept = orderKeptIn(extraOf(event)) ?? (asked && orderKeptIn(extraOf(asked)));
  return envelop(kind, { ...orderMadeOf(event, asked), ...kept }, event);
}

/** The store is named as the client named it. */
export function envelop(kind: CapsKind, order: Fields, { id, at, store }: { id: string; at: string; store: string }): CapsMessage {
  const named = typeof order.store === "string" ? order.store : store;
  return { ...order, event: kind, time: at, messageID: id, messageId: id, clientId: named, queueId: named, payload: order, order };
}

/** Whether it has all that an old client wants to know. */
export const carriesOrder = (event: ParcelEvent): boolean => orderKeptIn(extraOf(event)) !== null;

function orderMadeOf(event: ParcelEvent, asked: ParcelEvent | null): Fields {
  const data: Fields = { ...(asked?.data ?? {}), ...event.data };
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    store: event.store,
    orderId: event.parcel,
    orderID: event.parcel,
    customer: text(data.customer),
    address: text(data.address),
  };
}

const extraOf = ({ data }: ParcelEvent): Fields | undefined => ("extra" in data ? data.extra : undefined);
