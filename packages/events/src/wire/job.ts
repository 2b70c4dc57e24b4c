import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";
import { limits } from "../limits.ts";
import { parcelSchema, storeSchema, zoneSchema } from "../names.ts";

/** Driver to hub: I take this job. First committed wins; the answer leaves after the commit. */
export const takeSchema = z.strictObject({ parcel: parcelSchema });
/** Driver to hub: I give this job back; possible until the pickup. */
export const handbackSchema = z.strictObject({ parcel: parcelSchema, reason: z.string().min(1).max(limits.reasonCharsMax).optional() });

/** `claim` is the claim's epoch: each change of the claim raises it (taken, handed back, picked up, cancelled). */
export const jobReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("yours"), parcel: parcelSchema, store: storeSchema, zone: zoneSchema, claim: z.int().positive() }),
  z.object({ outcome: z.literal("released"), parcel: parcelSchema, claim: z.int().positive() }),
  z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema }),
]);
export type Take = z.infer<typeof takeSchema>;
export type Handback = z.infer<typeof handbackSchema>;
export type JobReply = z.infer<typeof jobReplySchema>;

/** Driver to hub: the jobs that I hold, e.g. after a restart. */
export const jobsSchema = z.strictObject({});
export const jobsReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("jobs"),
    jobs: z.array(z.object({ parcel: parcelSchema, store: storeSchema, zone: zoneSchema, claim: z.int().positive() })),
  }),
  z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema }),
]);
export type JobsReply = z.infer<typeof jobsReplySchema>;
