import { defineOptions } from "@waybill/options";
import { z } from "zod";

export const subjects = ["publish", "ack", "dead", "reset", "seal", "open", "outbox"] as const;
export type Subject = (typeof subjects)[number];

export const powercutOptions = defineOptions({
  name: "powercut",
  summary:
    "Records what a run writes and syncs, rebuilds its files as after a power cut (what was not synced is lost, kept or torn), opens them, and checks that all that was confirmed is there.",
  usage: "npm run powercut --",
  options: z.strictObject({
    cuts: z.int().min(1).default(3).describe("How many rebuilt folders are opened."),
    seed: z.int().default(1).describe("Of the moments and of what is lost: the same seed draws the same from the same run."),
    synchronous: z
      .enum(["FULL", "NORMAL"])
      .default("FULL")
      .describe("NORMAL is the negative control: SQLite syncs no commit, and confirmed events must be found lost."),
    script: z.array(z.enum(subjects)).default([]).describe("Only this script; may be repeated. outbox is the SDK's file outbox."),
    keep: z.boolean().default(false).describe("Keep the folders of cuts where something was wrong."),
  }),
  examples: [
    { command: "npm run powercut -- --cuts 1000", does: "a thousand power cuts, in some minutes" },
    { command: "npm run powercut -- --synchronous NORMAL", does: "the negative control: exit code 1, events lost" },
  ],
});
