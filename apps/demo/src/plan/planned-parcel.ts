import { parcelSchema, storeSchema, zoneSchema } from "@waybill/events";
import { z } from "zod";

/** What is replayed of a parcel, in this order. `claimed` comes by itself: the hub appends it when a driver takes the job. */
export const stepTypes = ["ready", "pickup", "in-transit", "delivered", "cancelled"] as const;
export type StepType = (typeof stepTypes)[number];

/** A parcel's day: who does what when. Steps are in their order; their times may not be (real scans are late). */
export const plannedParcelSchema = z.strictObject({
  parcel: parcelSchema,
  store: storeSchema,
  zone: zoneSchema,
  items: z.int().positive().optional(),
  address: z.string().min(1).max(256).optional(),
  steps: z.array(z.strictObject({ type: z.enum(stepTypes), at: z.iso.datetime({ offset: true }) })),
});
export type PlannedParcel = z.infer<typeof plannedParcelSchema>;
export type Step = PlannedParcel["steps"][number];

/** The same event has the same id in every life of its publisher, so a repeat after a crash is known as one. */
export const eventIdOf = (parcel: string, type: StepType): string => `${parcel}:${type}`;

export const isStoreStep = (type: StepType): boolean => type === "ready" || type === "cancelled";

/** Whether a driver takes the job. Otherwise it waits in its zone's pool, or its store cancels it there. */
export const isTaken = (planned: PlannedParcel): boolean => planned.steps.some(({ type }) => type === "pickup");
/** Neither picked up nor cancelled: at the end it is still in the pool. */
export const isWaiting = (planned: PlannedParcel): boolean =>
  planned.steps.some(({ type }) => type === "ready") && !planned.steps.some(({ type }) => type === "pickup" || type === "cancelled");

export type PlanTotals = { parcels: number; stores: number; zones: number; published: number; taken: number; waiting: number };

export function totalsOf(plan: readonly PlannedParcel[]): PlanTotals {
  const count = (match: (planned: PlannedParcel) => boolean) => plan.filter(match).length;
  return {
    parcels: plan.length,
    stores: new Set(plan.map(({ store }) => store)).size,
    zones: new Set(plan.map(({ zone }) => zone)).size,
    published: plan.reduce((sum, { steps }) => sum + steps.length, 0),
    taken: count(isTaken),
    waiting: count(isWaiting),
  };
}
