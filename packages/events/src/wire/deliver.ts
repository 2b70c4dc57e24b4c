import { z } from "zod";
import { limits } from "../limits.ts";
import { eventIdSchema, offsetSchema, parcelSchema, queueSchema, storeSchema } from "../names.ts";

/** A delivery's token is (epoch, counter); the epoch is that of its frame. Counters of a frame are contiguous. */
export const tokenSchema = z.int().positive();
export type Token = number;

/** Raised by a restart of the hub or a new owner. */
const epochSchema = z.int().positive();

const rowSchema = z.array(z.number()).min(2).max(8);

/**
 * Events of one subscription in a frame.
 * Per event: `[offset, recordedAt, failed, interrupted, redrive, homeOffset]`; trailing zeros may be left out.
 * `recordedAt` is hub time in ms. `homeOffset` is 0 in the home queue itself.
 */
export const deliverPartSchema = z.object({
  sub: z.int().positive(),
  /** Raised by each reset of the group. */
  generation: z.int().positive(),
  /** Token of the part's first event. */
  first: tokenSchema,
  events: z.array(rowSchema).min(1),
});
export type DeliverPart = z.infer<typeof deliverPartSchema>;

/** The header of a `deliver` frame, one subscription's; its lines are the events' JSON as they were published. */
export const deliverHeaderSchema = deliverPartSchema.extend({ epoch: epochSchema });
export type DeliverHeader = z.infer<typeof deliverHeaderSchema>;

/**
 * As `deliverPartSchema`, and behind a row `[n]` may stand: n more events, each of the next offset, recorded at the same time, with zeros
 * behind it. What one commit stored in a queue is mostly such a run.
 */
export const deliversPartSchema = deliverPartSchema.extend({
  events: z.tuple([rowSchema], z.union([rowSchema, z.tuple([z.int().positive().max(limits.creditEventsMax)])])),
});

/** The header of a `delivers` frame: several subscriptions of one connection. Its lines are the events of all parts, in their order. */
export const deliversHeaderSchema = z.object({ epoch: epochSchema, parts: z.array(deliversPartSchema).min(1) });
export type DeliversHeader = z.infer<typeof deliversHeaderSchema>;

/**
 * `deliverHeaderSchema` and `deliversHeaderSchema` by hand, for who reads thousands of frames a second: the schema costs more than an event's
 * JSON. A test holds the two together. What a later version adds is left standing.
 */
export const isDeliverHeader = (value: unknown): value is DeliverHeader =>
  isObject(value) && isCount(value.epoch) && isPart(value, areRows);
export const isDeliversHeader = (value: unknown): value is DeliversHeader =>
  isObject(value) && isCount(value.epoch) && Array.isArray(value.parts) && value.parts.length > 0 && value.parts.every(isPartOfRuns);

const isPart = (part: unknown, are: (rows: unknown) => boolean): boolean =>
  isObject(part) && isCount(part.sub) && isCount(part.generation) && isCount(part.first) && are(part.events);
const isPartOfRuns = (part: unknown): boolean => isPart(part, areRuns);

function areRows(rows: unknown): boolean {
  if (!Array.isArray(rows) || rows.length === 0) return false;
  for (const row of rows) if (!isRow(row)) return false;
  return true;
}

function areRuns(rows: unknown): boolean {
  if (!Array.isArray(rows) || !isRow(rows[0])) return false;
  for (const row of rows) if (!isRow(row) && !isRun(row)) return false;
  return true;
}

const isRun = (row: unknown): boolean => Array.isArray(row) && row.length === 1 && isCount(row[0]) && row[0] <= limits.creditEventsMax;

function isRow(row: unknown): boolean {
  if (!Array.isArray(row) || row.length < 2 || row.length > 8) return false;
  for (const value of row) if (typeof value !== "number" || !Number.isFinite(value)) return false;
  return true;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 0;

/** Ranges, or answers, in a field of one settle. */
const RANGES_MAX = 1_024;

/** Both ends included. */
const tokenRange = z.tuple([tokenSchema, tokenSchema]);
const reason = z.string().max(limits.reasonCharsMax).optional();

/** Consumer to hub, without an answer: what became of deliveries. In the order of the fields. */
export const settleSchema = z.strictObject({
  sub: z.int().positive(),
  epoch: z.int().positive(),
  /** Handled: never offered again. */
  acks: z.array(tokenRange).max(RANGES_MAX).optional(),
  /** Failed: offered again after the delay, at the earliest; without one after the group's back-off. */
  nacks: z
    .array(z.strictObject({ token: tokenSchema, delayMs: z.int().nonnegative().max(86_400_000).optional(), reason }))
    .max(RANGES_MAX)
    .optional(),
  /** Never can be handled: stuck or buried at once. */
  rejects: z
    .array(z.strictObject({ token: tokenSchema, reason }))
    .max(RANGES_MAX)
    .optional(),
  /** Still working: the lease starts anew. */
  extends: z.array(tokenRange).max(RANGES_MAX).optional(),
  /** Handed back, not counted; a pool's job goes to the next driver. */
  withdraws: z.array(tokenRange).max(RANGES_MAX).optional(),
  /** The handler was called. Tells a crasher's event from its neighbours. */
  started: z.array(tokenRange).max(RANGES_MAX).optional(),
  /** Ranges of offsets, from `gap` notices and answers to `subscribe`: the consumer knows that this history was trimmed. Under any epoch. */
  gaps: z
    .array(z.tuple([offsetSchema, offsetSchema]))
    .max(RANGES_MAX)
    .optional(),
});
export type Settle = z.infer<typeof settleSchema>;

/**
 * A settle of nothing but ranges of acks and started, as an SDK that catches up sends hundreds in a second: the schema takes it, and it is
 * much cheaper to tell. `false` says nothing; the schema decides then. A test holds the two together.
 */
export const isPlainSettle = (value: unknown): value is Settle => {
  if (!isObject(value)) return false;
  for (const name in value) if (!isPlainField(name, value[name])) return false;
  return isCount(value.sub) && isCount(value.epoch);
};

const isPlainField = (name: string, value: unknown): boolean =>
  name === "sub" || name === "epoch" || ((name === "acks" || name === "started") && areTokenRanges(value));

function areTokenRanges(ranges: unknown): boolean {
  if (!Array.isArray(ranges) || ranges.length > RANGES_MAX) return false;
  for (const range of ranges) if (!Array.isArray(range) || range.length !== 2 || !isCount(range[0]) || !isCount(range[1])) return false;
  return true;
}

/** What became of deliveries of several subscriptions, in one message. */
export const settlesSchema = z.array(settleSchema).min(1).max(limits.settlesPerMessageMax);

/** As `isPlainSettle`, of `settlesSchema`. */
export const arePlainSettles = (value: unknown): value is Settle[] =>
  Array.isArray(value) && value.length > 0 && value.length <= limits.settlesPerMessageMax && value.every(isPlainSettle);

/** Consumer to hub, without an answer: from now on, so much in hand. */
export const creditSchema = z.strictObject({
  sub: z.int().positive(),
  events: z.int().nonnegative().max(limits.creditEventsMax),
  bytes: z.int().nonnegative().max(limits.creditBytesMax),
});
export type Credit = z.infer<typeof creditSchema>;

/** Hub to consumer: these leases ended; stop working on them. */
export const lostSchema = z.object({ sub: z.int().positive(), epoch: z.int().positive(), tokens: z.array(tokenRange) });
export type Lost = z.infer<typeof lostSchema>;

/** Hub to consumer: a new generation. Drop what has not been started, and remember nothing of the old one. */
export const resetSchema = z.object({ sub: z.int().positive(), generation: z.int().positive(), floor: z.int().nonnegative() });
export type Reset = z.infer<typeof resetSchema>;

/** Hub to consumer: this history was trimmed before the group read it. Told until one consumer has confirmed it, or acked what came after it. */
export const gapSchema = z.object({ sub: z.int().positive(), from: offsetSchema, to: offsetSchema });
export type Gap = z.infer<typeof gapSchema>;

/**
 * What a plain client answers to an event: nothing (or anything else) = ack; `{ nack }` = failed, with a reason;
 * `{ reject }` = never; `{ decline: true }` = a pool's job goes to the next driver.
 */
export const plainSettleSchema = z.union([
  z.object({ nack: z.string(), delayMs: z.int().nonnegative().max(86_400_000).optional() }),
  z.object({ reject: z.string() }),
  z.object({ decline: z.literal(true) }),
]);
export type PlainSettle = z.infer<typeof plainSettleSchema>;

/** What a plain client is sent: the event, and where it stands. */
export const plainDeliverySchema = z.object({
  id: eventIdSchema,
  type: z.string(),
  parcel: parcelSchema,
  store: storeSchema,
  at: z.string(),
  /** Its publisher wished it to come no earlier. */
  notBefore: z.string().optional(),
  data: z.record(z.string(), z.unknown()),
  trace: z.string().optional(),
  queue: queueSchema,
  offset: offsetSchema,
  /** Hub time of the recording, ms since 1970. */
  recordedAt: z.int(),
  /** 1 at the first offer. */
  attempt: z.int().positive(),
  /** Times that it was sent again by hand; it comes late then, out of its order. */
  redrive: z.int().positive().optional(),
});
export type PlainDelivery = z.infer<typeof plainDeliverySchema>;

/** Hub to a plain client: this history of the queue was trimmed before the group read it. */
export const plainGapSchema = z.object({ queue: queueSchema, from: offsetSchema, to: offsetSchema });
export type PlainGap = z.infer<typeof plainGapSchema>;
