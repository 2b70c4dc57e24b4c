import { storeSchema } from "@waybill/events";
import { z } from "zod";

/** A name as an option: checked by the contract, explained in words. */
export const nameOption = (schema: z.ZodType<string>) =>
  z.string().refine((text) => schema.safeParse(text).success, "a name has lower-case letters, digits and -, at most 63");

/** Options that several commands share. */
export const shared = {
  url: z
    .url({ protocol: /^https?$/ })
    .default("http://127.0.0.1:3000")
    .describe("The hub.")
    .meta({ env: "WAYBILL_URL", placeholder: "URL" }),
  token: z
    .string()
    .min(1)
    .describe("Signed token of a vendor: npm run token -- --role vendor --store ID")
    .meta({ env: "WAYBILL_TOKEN", placeholder: "TOKEN", secret: true }),
  json: z.boolean().optional().describe("JSON lines. Default: on a terminal lines for people, elsewhere JSON."),
} as const;

/** Of the commands whose event can wait for its time. */
export const notBeforeOption = z.iso
  .datetime({ offset: true })
  .optional()
  .describe("Stored at once, and offered to nobody before this time; at most 30 days ahead.")
  .meta({ placeholder: "TIME", takes: "a time with its zone, such as 2026-05-01T09:00:00+02:00" });

/** Options of the commands that tell the hub something about parcels. */
export const asking = {
  url: shared.url,
  token: shared.token,
  store: nameOption(storeSchema).describe("The store that tells it.").meta({ env: "WAYBILL_STORE", placeholder: "ID" }),
  parcel: z.array(z.string()).min(1).describe("The parcel; may be given several times.").meta({ env: "WAYBILL_PARCEL", placeholder: "ID" }),
  wait: z
    .enum(["stored", "processed"])
    .default("stored")
    .describe("Until when it waits: stored by the hub, or processed by the store's own group main. A dead letter makes the exit code 1."),
  timeoutMs: z
    .int()
    .min(1)
    .default(10_000)
    .describe("How long that may take; what is not known by then makes the exit code 1.")
    .meta({ flag: "timeout", unit: "duration" }),
  json: shared.json,
} as const;
