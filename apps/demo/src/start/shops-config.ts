import { storeSchema, zoneSchema } from "@waybill/events";
import { z } from "zod";

/** What `shops.ts` is told, as JSON in its only argument. */
export const shopsConfigSchema = z.strictObject({
  url: z.url(),
  token: z.string(),
  /** Where the shops' outbox and order book are. */
  dir: z.string(),
  stores: z.array(storeSchema).min(1),
  zones: z.array(zoneSchema).min(1),
  everyMs: z.int().positive(),
  seed: z.string(),
});
export type ShopsConfig = z.infer<typeof shopsConfigSchema>;
