import { defineOptions } from "@waybill/options";
import { z } from "zod";
import { kindNames } from "./kinds.ts";

export const damageOptions = defineOptions({
  name: "damage",
  summary:
    "Damages data folders (flipped bits, cut and swapped files, an older copy put back), opens and reads them, and checks that damage is refused or noticed and never served.",
  usage: "npm run damage --",
  options: z.strictObject({
    rounds: z.int().min(1).default(20).describe("How many folders are damaged; the kinds take turns."),
    seed: z.int().default(1).describe("Of where the damage is: the same seed damages the same."),
    kind: z.array(z.enum(kindNames)).default([]).describe("Only this kind; may be repeated."),
    checksums: z
      .enum(["on", "off"])
      .default("on")
      .describe("off is the negative control: no row's checksum is compared, and wrong events must be found served."),
    keep: z.boolean().default(false).describe("Keep the folders that were served silently."),
  }),
  examples: [
    { command: "npm run damage -- --rounds 500", does: "five hundred damaged folders, in some minutes" },
    { command: "npm run damage -- --rounds 60 --checksums off", does: "the negative control: exit code 1" },
  ],
});
