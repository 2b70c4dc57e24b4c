/** What operators ask of whole queues. None of it changes or settles anything; lists are pages. */
import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";
import { limits } from "../limits.ts";
import { offsetSchema, parcelSchema, queueSchema } from "../names.ts";
import { storedEventSchema, subscriptionSummarySchema } from "./operate.ts";

const count = z.int().nonnegative();
const refused = z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema });
const waitMs = z.int().nonnegative().max(limits.waitMsMax).optional();

/** `head`: last offset. `firstKept`: history before it was trimmed. `pending`: what group `main` has not settled. */
const queueSummary = z.object({ queue: queueSchema, head: count, firstKept: offsetSchema, pending: count });

/** Queues that ever had an event, by name. */
export const listQueuesSchema = z.strictObject({ kind: z.enum(["store", "driver", "zone"]).optional(), after: queueSchema.optional() });
export const listQueuesReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("queues"), queues: z.array(queueSummary), more: z.boolean() }),
  refused,
]);

export const queueInfoSchema = z.strictObject({ queue: queueSchema });
export const queueInfoReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("queue"),
    queue: queueSummary.extend({
      /** Hub time of the first event that is kept, and of the last; `null`: there is none. */
      firstMs: z.int().nullable(),
      lastMs: z.int().nullable(),
      groups: z.array(subscriptionSummarySchema),
      /** Of a zone: the first jobs of the pool that nobody has taken. */
      jobs: z.array(z.object({ offset: offsetSchema, parcel: parcelSchema, store: z.string(), sinceMs: z.int() })),
    }),
  }),
  refused,
]);

/**
 * Events from an offset on, or the last ones; those of a parcel and of a type where these are given. `waitMs`: where there is
 * nothing yet, the answer waits for the next event of the queue, and so long at most.
 */
export const peekQueueSchema = z.strictObject({
  queue: queueSchema,
  from: offsetSchema.optional(),
  last: count.max(limits.peekEventsMax).optional(),
  parcel: parcelSchema.optional(),
  type: z.string().min(1).max(64).optional(),
  limit: z.int().positive().max(limits.peekEventsMax).optional(),
  waitMs,
});
/** `next`: where the following request begins; a page that is filtered may be empty and not the last. */
export const peekQueueReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("events"),
    events: z.array(storedEventSchema.extend({ event: z.unknown() })),
    next: offsetSchema,
    more: z.boolean(),
    head: count,
    firstKept: offsetSchema,
  }),
  refused,
]);

/**
 * Which queues grew since an earlier answer's `at`, all of them or those named; without `after`, only where to begin. With `waitMs`
 * the answer waits for one that grows. One request watches any number of queues.
 */
export const grownQueuesSchema = z.strictObject({
  after: count.optional(),
  queues: z.array(queueSchema).min(1).max(limits.grownQueuesMax).optional(),
  waitMs,
});
/** `complete: false`: more queues grew since then than the hub remembers; look at `queue:list`. `at` counts anew with each start of the hub. */
export const grownQueuesReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("grown"),
    at: count,
    queues: z.array(z.object({ queue: queueSchema, head: count })),
    complete: z.boolean(),
  }),
  refused,
]);

export type QueueSummary = z.infer<typeof queueSummary>;
export type QueueDetail = Extract<z.infer<typeof queueInfoReplySchema>, { outcome: "queue" }>["queue"];
export type PeekQueue = z.infer<typeof peekQueueSchema>;
export type QueuePage = Extract<z.infer<typeof peekQueueReplySchema>, { outcome: "events" }>;
export type PeekedEvent = QueuePage["events"][number];
export type GrownQueues = Extract<z.infer<typeof grownQueuesReplySchema>, { outcome: "grown" }>;
