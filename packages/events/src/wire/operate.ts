/** What operators ask of subscriptions, stuck keys, dead letters and events. Lists are pages; `group` is `main` when absent. */
import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";
import { limits } from "../limits.ts";
import { eventIdSchema, groupSchema, offsetSchema, parcelSchema, queueSchema } from "../names.ts";
import { reasonSchema } from "./explain.ts";
import { receiptStateSchema } from "./receipts.ts";

const count = z.int().nonnegative();
const refused = z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema });
const subscription = { queue: queueSchema, group: groupSchema.optional() };
/** Written to the audit log, and to the dead letter where there is one. */
const reason = z.string().min(1).max(limits.reasonCharsMax);
const policy = z.enum(["block", "skip"]);

/** One attempt: when (hub time), by whom (role and name), `failed` or `interrupted`, and why. */
const attemptNote = z.object({ atMs: z.int(), kind: z.enum(["failed", "interrupted"]), by: z.string(), reason: z.string() });

/** `floor`: all at and below is settled. `head`: the queue's last offset. `pending`: offsets that are not settled. */
export const subscriptionSummarySchema = z.object({
  queue: queueSchema,
  group: groupSchema,
  policy,
  paused: z.boolean(),
  floor: count,
  head: count,
  pending: count,
  inHand: count,
  stuck: count,
  dead: count,
  consumers: count,
});

/** Those with something left to do, and those that are read right now; by queue and group. */
export const listSubscriptionsSchema = z.strictObject({ after: z.strictObject({ queue: queueSchema, group: groupSchema }).optional() });
export const listSubscriptionsReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("subscriptions"), subscriptions: z.array(subscriptionSummarySchema), more: z.boolean() }),
  refused,
]);

export const subscriptionInfoSchema = z.strictObject(subscription);
export const subscriptionInfoReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("subscription"),
    subscription: subscriptionSummarySchema.extend({
      types: z.array(z.string()).nullable(),
      generation: z.int().positive(),
      /** History before it was trimmed. */
      firstKept: offsetSchema,
      /** Events whose attempt failed and that wait for their time. */
      resting: count,
      /** Events that are known to wait for their `notBefore`; each holds the later ones of its parcel. */
      delayed: count,
      parkedKeys: count,
      /** Trimmed history of which no consumer has confirmed yet that it knows: the first 100 ranges. */
      gaps: z.array(z.object({ from: offsetSchema, to: offsetSchema })).optional(),
      readers: z.array(z.object({ by: z.string(), mode: z.enum(["frames", "plain"]), credit: count })),
    }),
  }),
  refused,
]);

/** Durable. A paused subscription offers nothing; what is in hand can be settled. */
export const pauseSubscriptionSchema = z.strictObject({ ...subscription, paused: z.boolean() });
/** Durable. `block`: what failed too often is stuck and its parcel waits. `skip`: it becomes a dead letter and the parcel goes on. */
export const setPolicySchema = z.strictObject({ ...subscription, policy });

/** Stuck keys, by the offset of their first event. */
export const listKeysSchema = z.strictObject({ ...subscription, after: offsetSchema.optional() });
export const listKeysReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("keys"),
    keys: z.array(
      z.object({
        parcel: parcelSchema,
        offset: offsetSchema,
        /** `null`: retained away. */
        event: z.object({ id: eventIdSchema, type: z.string() }).nullable(),
        failed: count,
        interrupted: count,
        /** Hub time of the last attempt. */
        sinceMs: z.int(),
        notes: z.array(attemptNote),
      }),
    ),
    more: z.boolean(),
  }),
  refused,
]);

/** The first event of a stuck or resting parcel starts from zero. */
export const retryKeySchema = z.strictObject({ ...subscription, parcel: parcelSchema });
/** It becomes a dead letter, whatever the policy, and the parcel goes on. */
export const skipKeySchema = z.strictObject({ ...subscription, parcel: parcelSchema, reason });
/** `offset`: the event that was meant. After the commit. */
export const keyReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("retried"), offset: offsetSchema }),
  z.object({ outcome: z.literal("skipped"), offset: offsetSchema }),
  refused,
]);

const filter = { parcel: parcelSchema.optional(), type: z.string().min(1).max(64).optional() };
const deadLetter = z.object({
  offset: offsetSchema,
  parcel: parcelSchema,
  type: z.string(),
  id: z.string(),
  buriedAtMs: z.int(),
  /** Times that it was sent again and buried again. */
  redrive: count,
  attempts: count,
  /** Of the last attempt, or of the skip. */
  reason: z.string(),
});

/** `lookedTo` of an answer is the `after` of the next request: a page that is filtered may be empty and not the last. */
export const listDeadSchema = z.strictObject({ ...subscription, ...filter, after: count.optional() });
export const listDeadReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("dead"), letters: z.array(deadLetter), lookedTo: count, more: z.boolean() }),
  refused,
]);

const neighbour = z.object({ offset: offsetSchema, type: z.string(), settled: z.boolean() });
export const showDeadSchema = z.strictObject({ ...subscription, offset: offsetSchema });
export const showDeadReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("letter"),
    letter: deadLetter.extend({
      event: z.unknown(),
      notes: z.array(attemptNote),
      /** Sent again, and not acked yet. */
      redriving: z.boolean(),
      /** The parcel's events around it in the queue, as far as `within` offsets away. */
      order: z.object({ before: z.array(neighbour), after: z.array(neighbour), within: count }),
    }),
  }),
  refused,
]);

/** Which dead letters: some, or all that fit the filter; `{}` is all. */
const which = z.union([z.strictObject({ offsets: z.array(offsetSchema).min(1).max(limits.lettersPerRequestMax) }), z.strictObject(filter)]);
const selection = {
  ...subscription,
  which,
  after: count.optional(),
  limit: z.int().positive().max(limits.lettersPerRequestMax).optional(),
};

/** Offered again, late, beside the order of their parcels; the letter stays until that is acked. `dryRun`: only says which. */
export const redriveSchema = z.strictObject({ ...selection, dryRun: z.boolean().optional() });
/** Deleted for good. */
export const discardSchema = z.strictObject({ ...selection, reason, dryRun: z.boolean().optional() });
/** `busy`: those that are being sent again already. After the commit. */
export const lettersReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.enum(["redriven", "discarded"]),
    offsets: z.array(offsetSchema),
    busy: z.array(offsetSchema),
    lookedTo: count,
    more: z.boolean(),
  }),
  refused,
]);

export const storedEventSchema = z.object({
  queue: queueSchema,
  offset: offsetSchema,
  id: z.string(),
  type: z.string(),
  parcel: parcelSchema,
  /** A producer's id, a token's subject, or `hub`. */
  producer: z.string(),
  /** 0 where the publisher does not count. */
  number: count,
  homeOffset: count,
  recordedAtMs: z.int(),
});
export const showEventSchema = z.strictObject({ queue: queueSchema, offset: offsetSchema });
export const showEventReplySchema = z.discriminatedUnion("outcome", [
  /** `receipt`: what became of it in group `main`; of events in their home alone. */
  z.object({ outcome: z.literal("event"), stored: storedEventSchema, event: z.unknown(), receipt: receiptStateSchema.optional() }),
  refused,
]);

/** Why the subscription has not settled this event. With `home`, `offset` is that of the home queue, and the copy is looked for. */
export const explainSchema = z.strictObject({
  ...subscription,
  offset: offsetSchema,
  home: queueSchema.optional(),
  /** Reasons that came after version 1 and that the asker knows (`delayed`); instead of another one it is told the nearest older one. */
  knows: z.array(z.string().min(1).max(64)).max(32).optional(),
});
export const explainReplySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("explained"),
    /** In the subscription's queue; 0: it is not there. */
    offset: count,
    /** `null`: there is no such event, or no longer. */
    stored: storedEventSchema.nullable(),
    /** The event that stands in the way: this one, or an earlier one of its parcel. */
    first: count,
    redrive: count,
    reason: reasonSchema,
    nowMs: z.int(),
  }),
  refused,
]);

export type AttemptNoteOnWire = z.infer<typeof attemptNote>;
export type SubscriptionSummary = z.infer<typeof subscriptionSummarySchema>;
export type SubscriptionDetail = Extract<z.infer<typeof subscriptionInfoReplySchema>, { outcome: "subscription" }>["subscription"];
export type StuckKey = Extract<z.infer<typeof listKeysReplySchema>, { outcome: "keys" }>["keys"][number];
export type DeadLetterSummary = z.infer<typeof deadLetter>;
export type DeadLetterDetail = Extract<z.infer<typeof showDeadReplySchema>, { outcome: "letter" }>["letter"];
export type LetterSelection = z.infer<typeof which>;
export type StoredEventSummary = z.infer<typeof storedEventSchema>;
export type EventShown = Extract<z.infer<typeof showEventReplySchema>, { outcome: "event" }>;
export type Explained = Extract<z.infer<typeof explainReplySchema>, { outcome: "explained" }>;
