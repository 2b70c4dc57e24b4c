/** Groups as such: made, set back or forward, deleted. What is answered was committed, unless it was a dry run. */
import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";
import { limits } from "../limits.ts";
import { groupOrderSchema, groupSchema, offsetSchema, queueSchema } from "../names.ts";
import { startSchema } from "./subscribe.ts";

const count = z.int().nonnegative();
const refused = z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema });
const reason = z.string().min(1).max(limits.reasonCharsMax);
/** History that was trimmed and will not come, both ends included. */
const gap = z.object({ from: offsetSchema, to: offsetSchema });

/** A new group; `main` is always there already. With `dryRun` it is only said what it would get. */
export const createGroupSchema = z.strictObject({
  queue: queueSchema,
  group: groupSchema,
  from: startSchema,
  types: z.array(z.string().min(1).max(64)).min(1).max(64).optional(),
  /** Default `block`. */
  policy: z.enum(["block", "skip"]).optional(),
  /** Default `key`. */
  order: groupOrderSchema.optional(),
  dryRun: z.boolean().optional(),
});
export const createGroupReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("created"),
    queue: queueSchema,
    group: groupSchema,
    order: groupOrderSchema,
    dryRun: z.boolean(),
    /** The first offset that it gets; one beyond `head` when that is not published yet. */
    first: offsetSchema,
    head: count,
    /** So many events wait for it, of all types. */
    events: count,
    gap: gap.optional(),
  }),
  refused,
]);

/** Gone with all that belongs to it. Refused (GROUP_READ) while consumers read it, unless `evenIfRead`: they are sent away. */
export const deleteGroupSchema = z.strictObject({
  queue: queueSchema,
  group: groupSchema,
  evenIfRead: z.boolean().optional(),
  reason: reason.optional(),
});
export const deleteGroupReplySchema = z.discriminatedUnion("outcome", [
  /** `pending`: events that it had not settled. `consumers`: those that were sent away. */
  z.object({ outcome: z.literal("deleted"), pending: count, dead: count, consumers: count }),
  refused,
]);

const standing = z.object({ generation: z.int().positive(), floor: count });

/**
 * All before `to` counts as settled, and all from there on comes again, under a new generation. Unsettled events that would be passed
 * over: refused (RESET_SKIPS) unless `skip`, which needs a `reason`.
 */
export const resetGroupSchema = z.strictObject({
  queue: queueSchema,
  group: groupSchema.optional(),
  to: startSchema,
  dryRun: z.boolean().optional(),
  skip: z.boolean().optional(),
  reason: reason.optional(),
});
export const resetGroupReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("reset"),
    queue: queueSchema,
    group: groupSchema,
    dryRun: z.boolean(),
    before: standing,
    after: standing,
    head: count,
    /** Settled events that come again, dead letters among them. */
    again: count,
    /** Unsettled events that are passed over. */
    skipped: count,
    /** Dead letters that go, since their events come again. */
    letters: count,
    /** Events whose attempts are forgotten; how many of them were stuck. */
    attempts: count,
    stuck: count,
    /** Events that were put aside behind others of their parcels. */
    parked: count,
    gap: gap.optional(),
  }),
  refused,
]);

export type GroupCreated = Extract<z.infer<typeof createGroupReplySchema>, { outcome: "created" }>;
export type GroupDeleted = Extract<z.infer<typeof deleteGroupReplySchema>, { outcome: "deleted" }>;
export type GroupReset = Extract<z.infer<typeof resetGroupReplySchema>, { outcome: "reset" }>;
