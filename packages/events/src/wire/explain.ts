import { z } from "zod";
import { offsetSchema, queueSchema } from "../names.ts";

const count = z.int().nonnegative();
const counts = { failed: count, interrupted: count };

/** Why an event is not settled yet, as the engine of its subscription knows it. Times are hub time in ms. */
const engineReasons = [
  /** Nothing was published at this offset yet. */
  z.object({ because: z.literal("ahead"), head: count }),
  z.object({ because: z.literal("settled") }),
  /** The group's types leave it out: it is settled at sight. */
  z.object({ because: z.literal("unwanted") }),
  /** Leased. `answered`: acked before its turn. `alone`: the consumer gets nothing else meanwhile. */
  z.object({
    because: z.literal("in-hand"),
    by: z.string(),
    untilMs: z.int(),
    started: z.boolean(),
    alone: z.boolean(),
    answered: z.boolean(),
  }),
  /** A write is under way that it waits for. */
  z.object({ because: z.literal("saving") }),
  z.object({ because: z.literal("stuck"), ...counts }),
  z.object({ because: z.literal("resting"), dueMs: z.int(), ...counts }),
  /** It is offered from `untilMs` on: the event's own `notBefore`. */
  z.object({ because: z.literal("delayed"), untilMs: z.int() }),
  z.object({ because: z.literal("paused") }),
  z.object({ because: z.literal("no-consumer") }),
  /** Put aside, since its parcel has many events waiting; `from` is the first of them. */
  z.object({ because: z.literal("parked"), from: offsetSchema }),
  /** The hub has read the queue up to `cursor`, and reads no further while so many parcels are put aside, where it says `parkedKeys`. */
  z.object({ because: z.literal("not-read"), cursor: count, parkedKeys: count.optional() }),
  /** It may have killed a process: it is offered alone, to the next consumer whose hand is empty. */
  z.object({ because: z.literal("suspect") }),
  /** All consumers that could take it have another event alone in hand; `offset` is one of those. */
  z.object({ because: z.literal("alone"), offset: offsetSchema }),
  /** Every driver of the pool looked at it and passed; asked again from `untilMs` on. */
  z.object({ because: z.literal("passed"), untilMs: z.int() }),
  z.object({ because: z.literal("no-credit"), consumers: count, inHand: count }),
  /** Nothing holds it: it is about to be offered. */
  z.object({ because: z.literal("ready") }),
] as const;

/** What only the storage and the routes know. */
const hubReasons = [
  z.object({ because: z.literal("dead"), buriedAtMs: z.int(), redrive: count, attempts: count }),
  /** History before `firstKept` is gone. `gap`: nobody had read it, and no consumer has confirmed yet that it knows. */
  z.object({
    because: z.literal("trimmed"),
    firstKept: offsetSchema,
    gap: z.object({ from: offsetSchema, to: offsetSchema }).optional(),
  }),
  /** The event of `home` has no copy in this queue. */
  z.object({ because: z.literal("not-routed"), home: queueSchema }),
] as const;

export const engineReasonSchema = z.discriminatedUnion("because", engineReasons);
export const reasonSchema = z.discriminatedUnion("because", [...engineReasons, ...hubReasons]);
export type EngineReason = z.infer<typeof engineReasonSchema>;
export type Reason = z.infer<typeof reasonSchema>;
