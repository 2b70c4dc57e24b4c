import type { Delivery } from "@waybill/client";
import { isVendorRecord, monotonicUs, openHistory, readHistorySync, type VendorRecord } from "@waybill/testkit";

/**
 * What stores have done because of events: their own truth, a line per event, written before the handler returns. An event
 * that is offered again after its process was killed is found here and not applied twice.
 */
export type StoreEffects = {
  readonly applied: number;
  /** Returns false when it was applied before. */
  apply(delivery: Delivery): boolean;
  /** Whether the parcel's event of this id was applied. */
  has(id: string): boolean;
};

export function openStoreEffects(path: string): StoreEffects {
  const places = new Set<string>();
  const ids = new Set<string>();
  const placeOf = (queue: string, offset: number, redrive: number) => `${queue} ${offset} ${redrive}`;
  for (const record of readHistorySync(path)) {
    if (!isVendorRecord(record) || record.kind !== "applied") continue;
    places.add(placeOf(record.queue, record.offset, record.redrive));
    ids.add(record.id);
  }
  const history = openHistory(path);
  const write = (record: VendorRecord) => history.write(record);

  return {
    get applied() {
      return places.size;
    },
    apply({ event, queue, offset, redrive }) {
      const place = placeOf(queue, offset, redrive);
      const { id, type, parcel } = event;
      if (places.has(place)) {
        write({ kind: "repeat", t: monotonicUs(), queue, offset, id });
        return false;
      }
      const driver = event.type === "claimed" || event.type === "released" ? { driver: event.data.driver } : {};
      write({ kind: "applied", t: monotonicUs(), queue, offset, parcel, id, type, redrive, ...driver });
      places.add(place);
      ids.add(id);
      return true;
    },
    has: (id) => ids.has(id),
  };
}
