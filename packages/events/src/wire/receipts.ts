import { z } from "zod";
import { hubErrorBodySchema } from "../errors.ts";
import { limits } from "../limits.ts";
import { offsetSchema, queueSchema } from "../names.ts";

/**
 * What became of an event in group `main` of its home, as it is on disk. `settled`: handled, or of a type that `main` does not want.
 * `stuck`: it waits for an operator. `dead`: a dead letter. `trimmed`: settled so long ago that it was retained away. Else `pending`.
 */
export const receiptStateSchema = z.enum(["pending", "stuck", "dead", "settled", "trimmed"]);

/**
 * A publisher asks about events that it stored itself. With `waitMs` the answer comes when one of them is settled, dead or
 * trimmed, or when the time is over; without it at once.
 */
export const receiptsSchema = z.strictObject({
  /** A home. */
  queue: queueSchema,
  offsets: z.array(offsetSchema).min(1).max(limits.receiptsMax),
  waitMs: z.int().nonnegative().max(limits.receiptWaitMsMax).optional(),
});
/** One per offset, in the order of the request. */
export const receiptsReplySchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("receipts"), receipts: z.array(z.object({ offset: offsetSchema, state: receiptStateSchema })) }),
  z.object({ outcome: z.literal("refused"), error: hubErrorBodySchema }),
]);
export type ReceiptState = z.infer<typeof receiptStateSchema>;
export type Receipts = z.infer<typeof receiptsSchema>;
export type ReceiptsReply = z.infer<typeof receiptsReplySchema>;
export type Receipt = Extract<ReceiptsReply, { outcome: "receipts" }>["receipts"][number];
