import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";
import { eventIdSchema, numberSchema, offsetSchema, parcelSchema, queueSchema, storeSchema } from "../names.ts";
import { notBeforeSchema } from "../parcel-events.ts";
import { quickParser } from "../quick-check.ts";

/** `[number, count, offset]`: `count` events from `number` on have the offsets from `offset` on; 0 = no longer known. */
const runSchema = z.tuple([numberSchema, z.int().positive(), z.int().nonnegative()]);

/** What became of one lane's part. Sent only after the commit. */
export const laneConfirmSchema = z.object({
  queue: queueSchema,
  /** All numbers up to here are stored for good; 0 = none. */
  confirmedTo: z.int().nonnegative(),
  stored: z.array(runSchema),
  duplicates: z.array(runSchema),
  /** The first number that was not taken, and why; what stands behind it in the lane was not looked at. */
  refused: z.object({ number: numberSchema, error: hubErrorBodySchema }).optional(),
});
/**
 * Hub to producer, the answer to a publish frame. `stored`, from version 2 on: all of the frame was stored now, the events of each lane's part one
 * behind the other; where the first of each part lies, in the frame's order. `refused`: nothing of the frame was looked at.
 */
export const confirmSchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("stored"), offsets: z.array(offsetSchema) }),
  z.object({ outcome: z.literal("confirmed"), lanes: z.array(laneConfirmSchema) }),
  z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema }),
]);
/** What it accepts as it is, it hands back itself. */
export const parseConfirm = quickParser(confirmSchema);
/** Its JSON, all of it ASCII; `null` where its texts may hold anything. */
export const confirmText = (confirm: Confirm): string | null =>
  confirm.outcome === "stored" ? `{"outcome":"stored","offsets":[${confirm.offsets.join(",")}]}` : null;
export type LaneConfirm = z.infer<typeof laneConfirmSchema>;
export type Confirm = z.infer<typeof confirmSchema>;

/**
 * A plain client's event: `emit("delivered", { store, parcel }, ack)`. Its type is the Socket.IO event's name.
 * Without `id` the hub makes one, and cannot recognise a repeat; without `at` it takes its own time.
 */
export const plainPublishSchema = z.strictObject({
  id: eventIdSchema.optional(),
  parcel: parcelSchema,
  store: storeSchema,
  at: z.iso.datetime({ offset: true }).optional(),
  notBefore: notBeforeSchema,
  /** Checked by the schema of its type. */
  data: z.record(z.string(), z.unknown()).optional(),
});
/** What it accepts as it is, it hands back itself. */
export const parsePlainPublish = quickParser(plainPublishSchema);
export const plainConfirmSchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("stored"), id: eventIdSchema, queue: queueSchema, offset: offsetSchema }),
  z.object({ outcome: z.literal("duplicate"), id: eventIdSchema, queue: queueSchema, offset: z.int().nonnegative() }),
  z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema }),
]);
export type PlainPublish = z.infer<typeof plainPublishSchema>;
export type PlainConfirm = z.infer<typeof plainConfirmSchema>;
