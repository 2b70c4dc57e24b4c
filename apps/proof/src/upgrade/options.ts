import { defineOptions } from "@waybill/options";
import { z } from "zod";

export const upgradeOptions = defineOptions({
  name: "upgrade",
  summary:
    "Opens a data folder of every format that ever was, kills the program by SIGKILL at each step of the migration, and checks after each that all is there; and that a newer format is refused, untouched.",
  usage: "npm run upgrade --",
  options: z.strictObject({
    points: z
      .union([z.literal("all"), z.int().min(1)])
      .default("all")
      .describe("At so many steps of each format's migration, spread over all; all: at every one."),
    format: z.array(z.int().min(1)).default([]).describe("Only this format; may be repeated."),
    keep: z.boolean().default(false).describe("Keep the folders where something was wrong."),
  }),
  examples: [{ command: "npm run upgrade", does: "every format, every step" }],
});
