import { type ParcelEvent, parseJson, queueOf } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import type { Storage } from "@waybill/storage";
import { refOf } from "../dispatch/entry.ts";
import type { Composed } from "./desk.ts";
import { carriesOrder, kindOfType, messageOf } from "./message-of.ts";

/** Makes what old clients are sent for an event. An SDK's driver does not repeat the order: that is looked up in what asked for it. */
export function createComposer(parts: { storage: Storage; tenant: string; stores: ReadonlySet<string> }) {
  const { storage, tenant, stores } = parts;

  const askedFor = async ({ parcel, store }: ParcelEvent): Promise<ParcelEvent | null> => {
    const [stored] = await storage.claims(tenant, [parcel]);
    if (!stored || stored.readyOffset === 0 || stored.claim.state === "none" || stored.claim.store !== store) return null;
    const [ready] = await storage.readOffsets(tenant, queueOf("store", store), [stored.readyOffset]);
    return ready ? (parseJson(ready.body, `event ${stored.readyOffset} of store/${store}`) as ParcelEvent) : null;
  };

  return async ({ entry }: DeliveryItem): Promise<Composed | null> => {
    const event = parseJson(refOf(entry).body, `event ${entry.offset}`) as ParcelEvent;
    const kind = kindOfType(event.type);
    if (kind === null || !stores.has(event.store)) return null;
    const asked = kind === "pickup" || carriesOrder(event) ? null : await askedFor(event);
    return { offset: entry.offset, parcel: event.parcel, store: event.store, message: messageOf(kind, event, asked) };
  };
}
