import { createChance } from "@waybill/testkit";
import { planParcel } from "./plan-parcel.ts";
import type { PlannedParcel } from "./planned-parcel.ts";

export type DayOptions = {
  seed: number | string;
  parcels: number;
  stores: number;
  zones: number;
  /** `workday`: as the real file is: some wait, some are cancelled. `all-delivered`: every job is taken and done. Default `workday`. */
  kind?: "workday" | "all-delivered";
};

const SHOPS = [
  "acme-widgets",
  "1-206-flowers",
  "corner-books",
  "north-bakery",
  "old-town-records",
  "harbour-tea",
  "blue-door-toys",
  "hill-street-bikes",
];
const PLACES = ["riverside", "old town", "station", "harbour", "north hill", "market"];
const MINUTE_MS = 60_000;
const START_MS = Date.parse("2026-05-04T08:00:00Z");

/** A made-up day of ten hours, the same for the same seed. Made as rows of orders, so that it goes the way of a real file. */
export function genDay({ seed, parcels, stores, zones, kind = "workday" }: DayOptions): PlannedParcel[] {
  const chance = createChance(`day/${seed}`);
  const storeIds = Array.from({ length: stores }, (_, n) => SHOPS[n] ?? `store-${n + 1}`);
  const day: PlannedParcel[] = [];
  for (let n = 1; n <= parcels; n++) {
    // A few stores have most of the parcels, as everywhere.
    const store = storeIds[Math.floor(chance.next() ** 2 * storeIds.length)] ?? chance.pick(storeIds);
    const readyMs = START_MS + chance.int(0, 480) * MINUTE_MS;
    const pickupMs = readyMs + chance.int(5, 60) * MINUTE_MS;
    const fate = kind === "all-delivered" ? 1 : chance.next();
    const isPickedUp = fate > 0.08;
    day.push(
      planParcel({
        parcel_id: `day-${seed}-${n}`,
        store_id: store,
        store_state: `zone-${(n % zones) + 1}`,
        status: fate < 0.04 || (fate > 0.08 && fate < 0.1) ? "canceled" : "delivered",
        approved_at: iso(readyMs),
        carrier_pickup_at: isPickedUp ? iso(pickupMs) : "",
        delivered_at: isPickedUp && fate > 0.15 ? iso(pickupMs + chance.int(10, 90) * MINUTE_MS) : "",
        items: String(chance.int(1, 4)),
        customer_city: chance.pick(PLACES),
      }),
    );
  }
  return day;
}

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
