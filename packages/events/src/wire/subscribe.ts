import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";
import { limits } from "../limits.ts";
import { groupOrderSchema, groupSchema, offsetSchema, queueSchema } from "../names.ts";

/** Where a new group starts. It is stored once, with the group. */
export const startSchema = z.union([
  z.enum(["start", "end"]),
  z.strictObject({ offset: offsetSchema }),
  z.strictObject({ at: z.iso.datetime({ offset: true }) }),
]);
export type Start = z.infer<typeof startSchema>;

/** The last event whose effect is in a consumer's own database, and the generation under which it came; offset 0: it has none. */
export const databasePositionSchema = z.strictObject({ generation: z.int().positive(), offset: z.int().nonnegative() });
export type DatabasePosition = z.infer<typeof databasePositionSchema>;

/**
 * A socket becomes a consumer of (queue, group).
 * With `credit` it speaks frames (`deliver`, `settle`); without it is a plain client: one event at a time per key,
 * each as a Socket.IO event of its type's name with an acknowledgement.
 */
export const subscribeSchema = z.strictObject({
  /** Default: the queue of the token's only store, or of its driver. */
  queue: queueSchema.optional(),
  /** Default `main`. */
  group: groupSchema.optional(),
  /** Durable: events of other types are settled as not wanted. Default: all, or what the group was made with. */
  types: z.array(z.string().min(1).max(64)).min(1).max(64).optional(),
  /** Makes the group when it does not exist. `main` always exists, from offset 1. */
  from: startSchema.optional(),
  /** What the group keeps in order: given when it is made; another one later is refused (GROUP_DIFFERS). Default `key`, or what it has. */
  order: groupOrderSchema.optional(),
  /**
   * Where the consumer's own database is. The group is set back where that is an older copy. For groups with order `queue`.
   */
  resume: databasePositionSchema.optional(),
  credit: z
    .strictObject({
      events: z.int().positive().max(limits.creditEventsMax),
      bytes: z.int().positive().max(limits.creditBytesMax),
    })
    .optional(),
  /** The consumer's process, random per start. One that comes back with it was not interrupted. */
  instance: z.string().min(8).max(64).optional(),
});
export const subscribeReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("subscribed"),
    /** Names the subscription in frames on this socket. */
    sub: z.int().positive(),
    queue: queueSchema,
    group: groupSchema,
    /** Raised by each reset: duplicates are removed by (generation, offset, redrive). */
    generation: z.int().positive(),
    /** All below and at this offset is settled. */
    floor: z.int().nonnegative(),
    leaseMs: z.int().positive(),
    /** `none`: a pool. */
    order: z.enum(["key", "queue", "none"]).optional(),
    /** To `resume`. `agrees`: nothing was to be done. `set-back`: to that position, under a new generation. `unknown`: nothing was done. */
    resumed: z.enum(["agrees", "set-back", "unknown"]).optional(),
    /** History that was trimmed before this group could read it, both ends included. */
    gap: z.object({ from: offsetSchema, to: offsetSchema }).optional(),
  }),
  z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema }),
]);
export type Subscribe = z.infer<typeof subscribeSchema>;
export type SubscribeReply = z.infer<typeof subscribeReplySchema>;

/** Client to hub: answer when all that was sent before on this socket was read. After a failure, what is offered later is in order again. */
export const syncSchema = z.strictObject({});
export type Sync = z.infer<typeof syncSchema>;

/** Gives the subscription up; what is in hand goes to others, uncounted. */
export const unsubscribeSchema = z.strictObject({ sub: z.int().positive() });
export const doneReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("done") }),
  z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema }),
]);
export type DoneReply = z.infer<typeof doneReplySchema>;
