import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";

/** Admin to hub: make names known. Unknown ones are refused unless the hub runs with --open. */
export const addNamesSchema = z.strictObject({
  kind: z.enum(["store", "driver", "zone"]),
  ids: z.array(z.string().min(1).max(63)).min(1).max(1_000),
});
export const addNamesReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("added"), added: z.int().nonnegative(), known: z.int().nonnegative() }),
  z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema }),
]);

/** Paged at the server: `after` is the last id of the page before. */
export const listNamesSchema = z.strictObject({
  kind: z.enum(["store", "driver", "zone"]),
  after: z.string().max(63).optional(),
});
export const listNamesReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("names"), ids: z.array(z.string()), more: z.boolean() }),
  z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema }),
]);

/** Jobs that were taken and not picked up in time, or wait in a pool: dispatch's view. */
export const listJobsSchema = z.strictObject({ state: z.enum(["waiting", "taken", "overdue"]), after: z.string().max(64).optional() });
export const listJobsReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("jobs"),
    jobs: z.array(z.object({ parcel: z.string(), store: z.string(), zone: z.string(), driver: z.string().nullable(), sinceMs: z.int() })),
    more: z.boolean(),
  }),
  z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema }),
]);
export type AddNames = z.infer<typeof addNamesSchema>;
export type ListNames = z.infer<typeof listNamesSchema>;
export type ListJobs = z.infer<typeof listJobsSchema>;
