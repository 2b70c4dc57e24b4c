/**
 * The lines of old parcel clients' own history: for them what they remember over their kills, for the judge what they saw. Each is
 * written before what follows from it is said.
 */
import { z } from "zod";

export const oldWords = ["in-transit", "delivered"] as const;
export type OldWord = (typeof oldWords)[number];

export const oldRecordSchema = z.discriminatedUnion("old", [
  /** The store means to order; before it is sent. */
  z.object({ old: z.literal("order"), orderId: z.string() }),
  /** The hub answered that it has the order. */
  z.object({ old: z.literal("ordered"), orderId: z.string() }),
  /** The store did what a message says, once for each message id; before its receipt. */
  z.object({ old: z.literal("applied"), orderId: z.string(), word: z.enum(oldWords), messageId: z.string() }),
  /** The driver was sent a pickup; before its receipt. */
  z.object({ old: z.literal("job"), orderId: z.string(), order: z.record(z.string(), z.unknown()) }),
  /** The hub answered that it has the driver's word. */
  z.object({ old: z.literal("scanned"), orderId: z.string(), word: z.enum(oldWords) }),
]);
export type OldRecord = z.infer<typeof oldRecordSchema>;

/** Those of other kinds are left out. */
export function* oldRecordsIn(lines: Iterable<unknown>): Generator<OldRecord> {
  for (const line of lines) {
    const record = oldRecordSchema.safeParse(line);
    if (record.success) yield record.data;
  }
}

/** What an old client is sent, as far as it looks at it. */
export const oldMessageSchema = z.object({ messageId: z.string(), order: z.looseObject({ orderId: z.string() }) });
