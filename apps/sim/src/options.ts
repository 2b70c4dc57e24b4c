import { defineOptions } from "@waybill/options";
import { z } from "zod";
import { bugNames, repairNames } from "./bugs/catalogue.ts";

const count = z.int().min(1);

export const simOptions = defineOptions({
  name: "sim",
  summary:
    "Runs schedules: the shipped hub core and SDK on a network, disks and clocks in memory, all of it broken as a seed says, then healed and judged. The same seed does the same.",
  usage: "npm run sim --",
  options: z.strictObject({
    schedules: count.default(2_000).describe("So many, with seeds that follow each other."),
    seed: z.int().min(0).default(1).describe("Of the first schedule."),
    workers: count.max(64).default(2).describe("Processes that share them."),
    without: z
      .string()
      .default("")
      .describe("Steps of the plan that are left out, by number with commas: what a failure's report says.")
      .meta({ placeholder: "LIST" }),
    plan: z
      .string()
      .optional()
      .describe(
        "Runs the plan in this file instead of drawn ones. With --bug: from its seed on until the bug is caught; with that seed it must be clean without the bug.",
      )
      .meta({ path: true, placeholder: "FILE" }),
    keep: z
      .string()
      .optional()
      .describe("Writes the plan of the first failure, as short as it could be made, to this file.")
      .meta({ path: true, placeholder: "FILE" }),
    bug: z
      .enum([...bugNames, ...repairNames, "all"])
      .optional()
      .describe("Plants a bug, or takes a repair back; ends at the first schedule that catches it. all: each of the bugs.")
      .meta({ placeholder: "NAME" }),
    catches: z
      .boolean()
      .default(false)
      .describe("With --bug: runs all the schedules, and tells how many catch it, and what a catch costs of the processor."),
  }),
  examples: [
    { command: "npm run sim", does: "2,000 schedules, as at each change" },
    { command: "npm run sim -- --schedules 1 --seed 4711", does: "one of them again" },
    { command: "npm run sim -- --bug all", does: "shows that the judge is awake" },
  ],
});
