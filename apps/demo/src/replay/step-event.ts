import type { NewEvent } from "@waybill/client";
import { eventIdOf, type PlannedParcel, type Step } from "../plan/planned-parcel.ts";

/** One step of a parcel's day as the event that is published. */
export function stepEvent({ parcel, store, zone, items, address }: PlannedParcel, { type, at }: Step): NewEvent {
  const id = eventIdOf(parcel, type);
  if (type !== "ready") return { type, parcel, store, id, at };
  const data = { zone, ...(items === undefined ? {} : { items }), ...(address === undefined ? {} : { address }) };
  return { type, parcel, store, id, at, data };
}
