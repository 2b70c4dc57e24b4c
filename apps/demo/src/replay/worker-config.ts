import { readFileSync } from "node:fs";
import { z } from "zod";

/** What a worker process is told: a JSON file, named by its only argument (tokens of 500 stores do not fit into one). */
const common = {
  /** In messages and as the name of its folder: `driver-2`. */
  name: z.string(),
  url: z.url(),
  /** Its own: outboxes, history, effects. Survives its kills. */
  dir: z.string(),
  planFile: z.string(),
  seed: z.number(),
  /** Which of how many of its kind it is; stores are spread over the vendors by hash. */
  index: z.int().nonnegative(),
  of: z.int().positive(),
  /** The day's clock: it stood at `dayStartMs` when the wall stood at `startedAtMs`, and goes `speed` times as fast; `null`: as fast as it can. */
  pace: z.strictObject({ speed: z.number().positive(), startedAtMs: z.number(), dayStartMs: z.number() }).nullable(),
};

export const driverConfigSchema = z.strictObject({
  ...common,
  drivers: z.array(z.strictObject({ id: z.string(), token: z.string(), zones: z.array(z.string()) })),
  /** Every driver goes for every job by name, and hands some back. */
  race: z.boolean(),
});
export type DriverConfig = z.infer<typeof driverConfigSchema>;

export const vendorConfigSchema = z.strictObject({
  ...common,
  /** Speaks for all its stores: asks for pickups, cancels. */
  officeToken: z.string(),
  stores: z.array(z.strictObject({ id: z.string(), token: z.string() })),
});
export type VendorConfig = z.infer<typeof vendorConfigSchema>;
export type Pacing = z.infer<(typeof common)["pace"]>;

/** Only the replay itself starts workers. */
export function workerConfig<T>(schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
}

/** Shorter than the client's own: a hub that was killed is back within a second. */
export const reconnect = { reconnectMs: 200, reconnectMsMax: 2_000 } as const;
