import { parcelSchema, storeSchema, zoneSchema } from "@waybill/events";
import { z } from "zod";
import type { PlannedParcel, Step } from "./planned-parcel.ts";

/** Columns that a file must have; docs/replay.md describes them and the others. */
export const requiredColumns = [
  "parcel_id",
  "store_id",
  "store_state",
  "status",
  "approved_at",
  "carrier_pickup_at",
  "delivered_at",
] as const;

/** Times without a zone are the data's own: Brasília. */
const UTC_OFFSET = "-03:00";
const time = z
  .string()
  .transform((text) => (text === "" || /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text.replace(" ", "T")}${UTC_OFFSET}`))
  .pipe(z.union([z.literal(""), z.iso.datetime({ offset: true, error: "not a time like 2018-05-29T15:38:00" })]));
const optionalText = z.string().trim().optional();

const rowSchema = z.object({
  parcel_id: parcelSchema,
  store_id: storeSchema,
  store_state: z
    .string()
    .transform((text) => text.trim().toLowerCase().replaceAll(/\s+/g, "-"))
    .pipe(zoneSchema),
  status: z.string().min(1),
  approved_at: time,
  carrier_pickup_at: time,
  delivered_at: time,
  items: z.union([z.literal(""), z.coerce.number().pipe(z.int().positive())]).optional(),
  customer_city: optionalText,
  customer_state: optionalText,
});

const cancelledStatuses = new Set(["canceled", "cancelled", "unavailable"]);
const MINUTE_MS = 60_000;

/** One row of orders → one parcel's day. Throws an Error that names the column and the reason. */
export function planParcel(record: unknown): PlannedParcel {
  const parsed = rowSchema.safeParse(record);
  if (!parsed.success) throw new Error(parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "));
  const row = parsed.data;
  if (row.approved_at === "") throw new Error("approved_at: is empty, so the store never asked for a pickup and nobody can take the job");
  const isCancelled = cancelledStatuses.has(row.status);

  const steps: Step[] = [{ type: "ready", at: row.approved_at }];
  if (row.carrier_pickup_at !== "") {
    steps.push({ type: "pickup", at: row.carrier_pickup_at }, { type: "in-transit", at: aMinuteAfter(row.carrier_pickup_at) });
    if (row.delivered_at !== "" && !isCancelled) steps.push({ type: "delivered", at: row.delivered_at });
  } else if (row.delivered_at !== "" && !isCancelled) {
    throw new Error("delivered_at: is filled and carrier_pickup_at is empty; a parcel is delivered by whoever picked it up");
  }
  if (isCancelled) {
    const dates = [row.approved_at, row.carrier_pickup_at, row.delivered_at].filter((at) => at !== "");
    const latest = dates.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? row.approved_at;
    steps.push({ type: "cancelled", at: aMinuteAfter(latest) });
  }
  const address = [row.customer_city, row.customer_state].filter(Boolean).join(", ").slice(0, 256);
  return {
    parcel: row.parcel_id,
    store: row.store_id,
    zone: row.store_state,
    ...(typeof row.items === "number" ? { items: row.items } : {}),
    ...(address === "" ? {} : { address }),
    steps,
  };
}

/** In the zone that the time was told in. */
function aMinuteAfter(at: string): string {
  const zone = /(?:Z|[+-]\d\d:\d\d)$/.exec(at)?.[0] ?? "Z";
  const sign = zone.startsWith("-") ? -1 : 1;
  const shiftMs = zone === "Z" ? 0 : sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))) * MINUTE_MS;
  return `${new Date(Date.parse(at) + MINUTE_MS + shiftMs).toISOString().slice(0, 19)}${zone}`;
}
