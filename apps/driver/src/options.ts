import { driverSchema } from "@waybill/events";
import { UsageError } from "@waybill/options";
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
    .describe("Signed token of a driver: npm run token -- --role driver --driver NAME")
    .meta({ env: "WAYBILL_TOKEN", placeholder: "TOKEN", secret: true }),
  outbox: z
    .string()
    .optional()
    .describe("File of the outbox: what the hub has not confirmed survives this program. Default: in memory.")
    .meta({ env: "WAYBILL_OUTBOX", path: true, placeholder: "FILE" }),
  drainMs: z
    .int()
    .default(5_000)
    .describe("How long a stop may wait for the hub's answers.")
    .meta({ env: "WAYBILL_DRAIN", flag: "drain", unit: "duration" }),
  json: z.boolean().optional().describe("JSON lines. Default: on a terminal lines for people, elsewhere JSON."),
} as const;

/** A driver's name as its token tells it; only the hub checks the signature. Throws UsageError. */
export function driverOf(token: string): string {
  const claims = claimsSchema.safeParse(decodePayload(token));
  if (claims.success) return claims.data.driver;
  throw new UsageError(["--token: this is not a driver's token. Get one with: npm run token -- --role driver --driver NAME"]);
}

const claimsSchema = z.object({ role: z.literal("driver"), driver: driverSchema });

function decodePayload(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  } catch {
    return null;
  }
}
