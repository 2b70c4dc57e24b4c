import type { NewEvent } from "@waybill/client";
import { parcelSchema, storeSchema } from "@waybill/events";
import { z } from "zod";
import { formatZonedTime, parseLocalTime, type ZonedTime } from "./local-time.ts";

/** The columns that are read; others may stand beside them. docs/replay.md describes them. */
export const requiredColumns = ["parcel_id", "store_id", "status", "carrier_pickup_at", "delivered_at"] as const;

const rowSchema = z.object({
  parcel_id: parcelSchema,
  store_id: storeSchema,
  status: z.string(),
  /** When the order was made: what a file is sorted by, if it has it. */
  purchased_at: z.string().optional(),
  carrier_pickup_at: z.string(),
  delivered_at: z.string(),
});

export type TimedEvent = { ms: number; event: NewEvent };
/** `fromMs`: no later row tells of anything earlier, as far as the file is sorted. Without the column nothing is known: +∞. */
export type ParcelRow = { fromMs: number; events: TimedEvent[] };

/** A cancelled parcel's end belongs to its store, not to the driver. */
const endedByStore = new Set(["canceled", "cancelled", "unavailable"]);
const IN_TRANSIT_AFTER_MS = 60_000;

/** What the driver did with the parcel of one row. Throws an Error that names column and reason. */
export function parseParcelRow(record: unknown, utcOffset: string): ParcelRow {
  const parsed = rowSchema.safeParse(record);
  if (!parsed.success) throw new Error(parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "));
  const row = parsed.data;
  const timeOf = (column: "purchased_at" | "carrier_pickup_at" | "delivered_at"): ZonedTime | null => {
    const text = row[column] ?? "";
    if (text === "") return null;
    const time = parseLocalTime(text, utcOffset);
    if (!time) throw new Error(`${column}: "${text.slice(0, 40)}" is not a time like 2018-05-29T15:38:00`);
    return time;
  };

  const events: TimedEvent[] = [];
  const tell = (type: "pickup" | "in-transit" | "delivered", time: ZonedTime) =>
    events.push({ ms: time.ms, event: { type, parcel: row.parcel_id, store: row.store_id, at: formatZonedTime(time) } });
  const pickedUp = timeOf("carrier_pickup_at");
  const delivered = timeOf("delivered_at");
  if (pickedUp) {
    tell("pickup", pickedUp);
    tell("in-transit", { ...pickedUp, ms: pickedUp.ms + IN_TRANSIT_AFTER_MS });
  }
  if (delivered && !endedByStore.has(row.status)) tell("delivered", delivered);
  if (row.purchased_at === undefined) return { fromMs: Number.POSITIVE_INFINITY, events };
  return { fromMs: timeOf("purchased_at")?.ms ?? Number.NEGATIVE_INFINITY, events };
}
