import { defineOptions } from "@waybill/options";
import { z } from "zod";

const count = z.int().min(1);

export const replayOptions = defineOptions({
  name: "replay",
  summary:
    "Starts a hub, drivers and a vendor for every store over a file of real orders, and judges afterwards, from what drivers and vendors wrote themselves, whether every event arrived in its order.",
  usage: "npm run replay --",
  positionals: {
    placeholder: "FILE",
    describe: "Orders as CSV, plain or gzip; docs/replay.md gives the columns. Without it: a made-up day.",
    path: true,
  },
  options: z.strictObject({
    stores: count.optional().describe("Only the parcels of so many stores, the busiest first."),
    speed: z
      .union([z.literal("max"), z.number().positive()])
      .default("max")
      .describe("Times as fast as it happened; max: as fast as the hub confirms."),
    kill: z.boolean().default(false).describe("Kill the hub, driver and vendor processes (SIGKILL) and start them again, many times."),
    kills: count.default(20).describe("With --kill: how often each of the three."),
    race: z
      .boolean()
      .default(false)
      .describe("Instead of a file: every driver goes for every job, driver processes are killed at random, and holders are counted."),
    jobs: count.default(2_000).describe("Jobs of a race."),
    racers: count.default(20).describe("Drivers of a race."),
    seed: z.int().default(1).describe("Of the made-up day, the kills and the race: the same seed draws the same."),
    drivers: count.default(4).describe("Driver processes; each has eight drivers with a socket of their own."),
    vendors: count.default(4).describe("Vendor processes; together they have a socket for every store."),
    storage: z
      .enum(["sqlite", "memory"])
      .default("sqlite")
      .describe("memory forgets all when the hub is killed: with --kill the verdict must be a loss."),
    idleMs: count
      .default(30_000)
      .describe("Give up when nothing has moved for so long, and judge what is there.")
      .meta({ flag: "idle", unit: "duration" }),
    dir: z
      .string()
      .optional()
      .describe("Keep the run's files here. Default: a temporary folder, removed when all is well.")
      .meta({ path: true }),
  }),
  examples: [
    { command: "npm run replay", does: "a made-up day, in some seconds" },
    { command: "npm run replay -- orders.csv.gz --speed max --kill", does: "real orders, with 60 kills" },
    { command: "npm run replay -- --race", does: "20 drivers, 2,000 jobs: does any job have two holders?" },
  ],
});
export type ReplayFlags = z.output<(typeof replayOptions)["options"]>;
