import { expect, test } from "vitest";
import { z } from "zod";
import { defineOptions } from "./define-options.ts";
import { helpText } from "./help-text.ts";
import { toMarkdown } from "./to-markdown.ts";

const definition = defineOptions({
  name: "replay",
  summary: "Plays a day of orders and says whether anything was lost.",
  usage: "npm run replay --",
  positionals: { placeholder: "FILE", describe: "Orders as CSV, plain or gzip.", path: true },
  options: z.strictObject({
    speed: z
      .union([z.literal("max"), z.number().positive()])
      .default("max")
      .describe("Times as fast as the day was."),
    stores: z
      .int()
      .min(1)
      .optional()
      .describe("Only the first so many stores of the file, which is enough for a first look at the whole thing."),
    drainMs: z.int().default(5_000).describe("How long running handlers may take.").meta({ flag: "drain", unit: "duration" }),
    color: z.boolean().default(true).describe("Plain text without."),
    key: z.string().default("secret").describe("Signs tokens.").meta({ env: "WAYBILL_KEY", secret: true }),
  }),
  examples: [{ command: "npm run replay -- --speed 60", does: "A minute in a second." }],
});

test("the help of a program", () => {
  expect(helpText(definition)).toBe(`Plays a day of orders and says whether anything was lost.

Usage: npm run replay -- [options] [FILE]

Arguments:
  FILE  Orders as CSV, plain or gzip.

Options:
  --speed max|N  Times as fast as the day was. (default max)
  --stores N     Only the first so many stores of the file, which is enough for a first look at
                 the whole thing. (a whole number of at least 1)
  --drain TIME   How long running handlers may take. (a duration, such as 30s, 5m or 2h; default
                 5s)
  --no-color     Plain text without.
  --key TEXT     Signs tokens. (WAYBILL_KEY)
  -h, --help     Print this help.
  --version      Print the version.

Examples:
  npm run replay -- --speed 60  A minute in a second.
`);
});

test("no line of it is wider than 96 columns", () => {
  expect(
    Math.max(
      ...helpText(definition)
        .split("\n")
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(96);
});

test("its section of the docs", () => {
  expect(toMarkdown(definition)).toBe(`## replay

Plays a day of orders and says whether anything was lost.

    npm run replay -- [options] [FILE]

\`FILE\`: Orders as CSV, plain or gzip.

| flag | environment | default | meaning |
| --- | --- | --- | --- |
| \`--speed max\\|N\` |  | \`max\` | Times as fast as the day was. Takes max or a number above 0. |
| \`--stores N\` |  |  | Only the first so many stores of the file, which is enough for a first look at the whole thing. Takes a whole number of at least 1. |
| \`--drain TIME\` |  | \`5s\` | How long running handlers may take. Takes a duration, such as 30s, 5m or 2h. |
| \`--no-color\` |  | \`yes\` | Plain text without. |
| \`--key TEXT\` | \`WAYBILL_KEY\` |  | Signs tokens. |
`);
});
