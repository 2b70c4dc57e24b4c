import { driverSchema, storeSchema, tenantSchema } from "@waybill/events";
import { defineOptions } from "@waybill/options";
import { z } from "zod";

/** The options of `npm run token`. */
export const tokenOptions = defineOptions({
  name: "token",
  summary: "Makes a token for a vendor, a driver or an admin, and prints it alone on standard output.",
  usage: "npm run token --",
  options: z.strictObject({
    role: z.enum(["vendor", "driver", "admin"]).describe("What the token's holder is."),
    store: z
      .array(z.union([z.literal("*"), storeSchema]))
      .default([])
      .describe("A store the vendor speaks for; '*' is every store.")
      .meta({ placeholder: "ID" }),
    driver: driverSchema.optional().describe("The driver that a driver's token names.").meta({ placeholder: "ID" }),
    subject: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe("Who it is, for the hub's log. Default: from role and name.")
      .meta({ placeholder: "NAME" }),
    tenant: tenantSchema.default("default").describe("Whose it is, where several companies share a hub."),
    ttl: z.int().min(1_000).default(2_592_000_000).describe("How long it is valid, by the wall clock.").meta({ unit: "duration" }),
    data: z
      .string()
      .min(1)
      .default("./data")
      .describe("The hub's data folder: its key is there, or is made.")
      .meta({ env: "WAYBILL_DATA", path: true, placeholder: "DIR" }),
    keyFile: z
      .string()
      .optional()
      .describe("The hub's key file, if it has one. Or the key itself in WAYBILL_KEY.")
      .meta({ env: "WAYBILL_KEY_FILE", path: true, placeholder: "FILE" }),
  }),
  examples: [
    { command: "npm run token -- --role vendor --store acme-widgets", does: "for one store" },
    { command: "npm run token -- --role driver --driver d1", does: "for a driver" },
  ],
});
export type TokenOptions = z.infer<typeof tokenOptions.options>;
