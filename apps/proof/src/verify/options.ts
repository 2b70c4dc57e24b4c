import { defineOptions } from "@waybill/options";
import { z } from "zod";

export const verifyOptions = defineOptions({
  name: "verify",
  summary:
    "Reads a data folder offline, without changing it, and says whether it is whole: checksums, offsets, lanes, copies, claims, progress.",
  usage: "npm run verify --",
  positionals: { placeholder: "DATA", describe: "The data folder; no hub may hold it.", min: 1, path: true },
  options: z.strictObject({
    json: z.boolean().default(false).describe("One JSON object instead of the report."),
  }),
  examples: [
    { command: "npm run verify -- data", does: "is all of it there, and as it was written?" },
    { command: "npm run verify -- backup --json", does: "the same of a backup, for a program" },
  ],
});
