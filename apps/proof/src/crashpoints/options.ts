import { defineOptions } from "@waybill/options";
import { z } from "zod";
import type { ScriptName } from "../workload/scripts.ts";

/** What is killed; `migrate` starts from a folder of the first format. */
export const crashScripts = ["publish", "ack", "dead", "reset", "seal", "migrate"] as const satisfies readonly ScriptName[];
export type CrashScript = (typeof crashScripts)[number];

export const scriptTitles: Readonly<Record<ScriptName, string>> = {
  publish: "publish",
  ack: "vendor ack",
  dead: "dead letter and redrive",
  reset: "reset of a group",
  seal: "sealing and checkpoints",
  open: "opening",
  migrate: "migration",
};

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
    script: z.array(z.enum(crashScripts)).default([]).describe("Only this script; may be repeated."),
    keep: z.boolean().default(false).describe("Keep the folders of points where something was wrong."),
  }),
  examples: [
    { command: "npm run crashpoints", does: "30 points, in some 20 seconds" },
    { command: "npm run crashpoints -- --points all", does: "every point of all scripts" },
  ],
});
