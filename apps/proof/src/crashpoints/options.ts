import { defineOptions } from "@waybill/options";
import { z } from "zod";
import { scriptNames } from "../workload/scripts.ts";

export const crashpointsOptions = defineOptions({
  name: "crashpoints",
  summary:
    "Kills the storage by SIGKILL at its n-th write, sync, truncate, rename or unlink, in scripted runs, and checks after each that all that was confirmed is there.",
  usage: "npm run crashpoints --",
  options: z.strictObject({
    points: z
      .union([z.literal("all"), z.int().min(1)])
      .default(30)
      .describe("So many points, spread over all scripts; all: every one."),
    seed: z.int().default(1).describe("Shifts which points are taken."),
    script: z.array(z.enum(scriptNames)).default([]).describe("Only this script; may be repeated."),
    keep: z.boolean().default(false).describe("Keep the folders of points where something was wrong."),
  }),
  examples: [
    { command: "npm run crashpoints", does: "30 points, in some 20 seconds" },
    { command: "npm run crashpoints -- --points all", does: "every point of all scripts" },
  ],
});
