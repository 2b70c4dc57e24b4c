/** `npm run docs` writes docs/config.md from the programs' option tables; with `--check` it only says whether the page is up to date. */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { command, defineOptions, exitCodes, type OptionsDefinition, runMain, toMarkdown } from "@waybill/options";
import { z } from "zod";

const root = resolve(import.meta.dirname, "..");
const page = join(root, "docs/config.md");

/** In the order in which people meet them; a program's commands follow it. */
const programs = [
  "start",
  "hub",
  "token",
  "driver",
  "vendor",
  "waybill",
  "replay",
  "chaos",
  "sim",
  "crashpoints",
  "powercut",
  "damage",
  "upgrade",
  "verify",
  "bench",
];

const intro = `# Configuration

Every program takes its options as flags or from the environment; a flag comes before the environment, and that before the default.
Paths are meant from where you stand. \`--help\` prints the same tables. Tests hold this page equal to the programs; \`npm run docs\` writes it.
`;

/** Where programs keep their option tables. */
const tables = ["apps/*/src/{*-,}options.ts", "apps/*/src/*/options.ts", "apps/*/src/commands.ts", "apps/*/src/commands/*.ts"];

const tableSchema = z.custom<OptionsDefinition>(
  (value) => typeof value === "object" && value !== null && "fields" in value && "usage" in value,
);
const commandSchema = z.custom<{ definition: unknown }>((value) => typeof value === "function" && "definition" in value);

/** Every option table that a module exports: bare, as a command, or in a record of commands. */
async function tablesOf(file: string): Promise<OptionsDefinition[]> {
  const module: Record<string, unknown> = await import(join(root, file));
  const records = Object.values(module).filter(
    (value) => typeof value === "object" && value !== null && !tableSchema.safeParse(value).success,
  );
  return [...Object.values(module), ...records.flatMap((record) => Object.values(record ?? {}))].flatMap(tableIn);
}

function tableIn(value: unknown): OptionsDefinition[] {
  const found = commandSchema.safeParse(value);
  const table = tableSchema.safeParse(found.success ? found.data.definition : value);
  return table.success ? [table.data] : [];
}

async function render(): Promise<string> {
  const files = globSync(tables, { cwd: root }).filter((file) => !file.endsWith(".test.ts"));
  const found = await Promise.all(files.map(tablesOf));
  const byName = new Map(found.flat().map((table) => [table.name, table]));
  const place = (name: string): number => programs.indexOf(name.split(" ")[0] ?? "");
  const unknown = [...byName.keys()].find((name) => place(name) < 0);
  if (unknown !== undefined) throw new Error(`The program ${unknown} has no place in scripts/config-docs.ts.`);
  const sections = [...byName.values()].sort((a, b) => place(a.name) - place(b.name) || (a.name < b.name ? -1 : 1));
  return [intro, ...sections.map(toMarkdown)].join("\n");
}

const docsOptions = defineOptions({
  name: "docs",
  summary: "Writes docs/config.md from the programs' option tables.",
  usage: "npm run docs --",
  options: z.strictObject({
    check: z.boolean().default(false).describe("Write nothing; exit code 1 when the page differs."),
  }),
});

await runMain(
  command(docsOptions, async ({ options }) => {
    const text = await render();
    if (!options.check) writeFileSync(page, text);
    else if (readFileSync(page, "utf8") !== text) {
      process.stderr.write("docs/config.md is not what the programs' options say. `npm run docs` writes it anew.\n");
      return exitCodes.failed;
    }
    return exitCodes.ok;
  }),
);
