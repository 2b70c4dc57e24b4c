import { z } from "zod";

/** Options of every command that asks the hub. */
export const adminOptions = {
  url: z
    .url({ protocol: /^https?$/ })
    .default("http://127.0.0.1:3000")
    .describe("The hub.")
    .meta({ env: "WAYBILL_URL", placeholder: "URL" }),
  token: z
    .string()
    .min(1)
    .optional()
    .describe("Signed token of an admin: npm run token -- --role admin. Default: one made with the key of the local hub.")
    .meta({ env: "WAYBILL_TOKEN", placeholder: "TOKEN", secret: true }),
  data: z
    .string()
    .default("./data")
    .describe("The local hub's data folder, whose key makes the token when none is given.")
    .meta({ env: "WAYBILL_DATA", path: true, placeholder: "DIR" }),
  timeoutMs: z.int().min(1).default(5_000).describe("How long the hub may take to answer.").meta({ flag: "timeout", unit: "duration" }),
  json: z.boolean().optional().describe("JSON lines. Default: on a terminal tables, elsewhere JSON."),
} as const;

export type AdminOptions = z.output<z.ZodObject<typeof adminOptions>>;
