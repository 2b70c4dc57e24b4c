import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";
import { numberSchema, producerSchema, queueSchema } from "../names.ts";
import { quickParser } from "../quick-check.ts";

/**
 * Producer to hub, once per connection before its first numbered publish: this socket speaks for this outbox.
 * The highest incarnation ever seen wins; older ones get PRODUCER_FENCED.
 */
export const helloSchema = z.strictObject({
  producer: producerSchema,
  /** Raised by the outbox, durably, each time a process opens it. */
  incarnation: z.int().positive(),
});
export const helloReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("known"), storageId: z.string() }),
  z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema }),
]);
export type Hello = z.infer<typeof helloSchema>;
export type HelloReply = z.infer<typeof helloReplySchema>;

/** Producer to hub: how far are these lanes? A lane never seen is at 0. */
export const lanesSchema = z.strictObject({ queues: z.array(queueSchema).min(1).max(512) });
export const lanesReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("lanes"), confirmedTo: z.array(z.int().nonnegative()) }),
  z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema }),
]);
export type Lanes = z.infer<typeof lanesSchema>;
export type LanesReply = z.infer<typeof lanesReplySchema>;

/** One lane's part of a publish frame: its events stand in the frame's body one after the other. */
export const lanePartSchema = z.strictObject({
  queue: queueSchema,
  /** Number of the part's first event. */
  first: numberSchema,
  /** Events and voids in this part. */
  count: z.int().positive().max(512),
  /** Numbers in this part that carry no event: they advance the lane and append nothing. */
  void: z.array(numberSchema).max(512).optional(),
});
/** The header of a publish frame; its lines are the events' JSON, in the order of the parts. */
export const publishHeaderSchema = z.strictObject({ lanes: z.array(lanePartSchema).min(1).max(512) });
/** What it accepts as it is, it hands back itself. */
export const parsePublishHeader = quickParser(publishHeaderSchema);
export type LanePart = z.infer<typeof lanePartSchema>;
export type PublishHeader = z.infer<typeof publishHeaderSchema>;
