import type { z } from "zod";
import type { Environment, OptionsDefinition } from "./define-options.ts";
import { readDuration } from "./duration.ts";
import { type Found, faultText, positionalFaults } from "./fault-text.ts";
import { helpText } from "./help-text.ts";
import { isNumeric, type OptionField } from "./option-field.ts";
import { type ReadArguments, readArguments } from "./read-arguments.ts";
import { resolvePath, standingFolder } from "./standing-folder.ts";
import { UsageError } from "./usage-error.ts";
import { versionText } from "./version-text.ts";

export type ParsedOptions<S extends z.ZodObject> =
  | { asks: "run"; options: z.output<S>; positionals: readonly string[] }
  | { asks: "help" | "version"; text: string };

/**
 * Typed values from a command line (without node and script) and an environment: flag before environment before default.
 * Throws a UsageError that names every fault at once.
 */
export function parseOptions<S extends z.ZodObject>(
  definition: OptionsDefinition<S>,
  argv: readonly string[],
  env: Environment,
): ParsedOptions<S> {
  const read = readArguments(argv, definition.fields);
  if (read.asksFor === "help") return { asks: "help", text: helpText(definition) };
  if (read.asksFor === "version") return { asks: "version", text: versionText(definition.name) };
  const folder = standingFolder(env, process.cwd());
  const found = new Map(definition.fields.map((field) => [field.key, findTexts(field, read, env)]));
  const values = definition.fields.flatMap((field) => entryOf(field, found.get(field.key) ?? [], folder));
  const checked = definition.options.safeParse(Object.fromEntries(values), { reportInput: true });
  const faults = [
    ...read.faults,
    ...(checked.error?.issues ?? []).map((issue) => faultText(definition, found, issue)),
    ...positionalFaults(definition, read.positionals),
  ];
  if (!checked.success || faults.length > 0) throw new UsageError(faults, `All options: ${definition.usage} --help`);
  const isPath = definition.positionals?.path === true;
  return {
    asks: "run",
    options: checked.data,
    positionals: isPath ? read.positionals.map((path) => resolvePath(path, folder)) : read.positionals,
  };
}

function findTexts(field: OptionField, read: ReadArguments, env: Environment): Found[] {
  const flagged = read.texts.get(field.key);
  if (flagged !== undefined) return flagged.map((text) => ({ text, where: `--${field.flag}` }));
  const inEnv = field.env === undefined ? undefined : env[field.env];
  if (field.env === undefined || inEnv === undefined) return [];
  const texts = field.isRepeatable ? inEnv.split(",").map((text) => text.trim()) : [inEnv];
  return texts.filter((text) => text !== "").map((text) => ({ text, where: field.env ?? "" }));
}

/** The entry for the zod object, or none, so that zod's default applies. Default paths are meant from the user's folder too. */
function entryOf(field: OptionField, found: readonly Found[], folder: string): [string, unknown][] {
  if (found.length === 0) {
    return field.isPath && typeof field.default === "string" ? [[field.key, resolvePath(field.default, folder)]] : [];
  }
  const values = found.map(({ text }) => convert(field, text, folder));
  // A single option that is given twice: the last one counts, as with most programs, so that a script's habit can be overruled.
  return [[field.key, field.isRepeatable ? values : values.at(-1)]];
}

function convert(field: OptionField, text: string, folder: string): unknown {
  if (field.isBoolean)
    return ({ true: true, 1: true, yes: true, on: true, false: false, 0: false, no: false, off: false } as const)[text] ?? text;
  if (field.unit === "duration") return readDuration(text) ?? text;
  if (field.isPath) return resolvePath(text, folder);
  const asNumber = text.trim() === "" ? Number.NaN : Number(text);
  return field.leaves.some(isNumeric) && Number.isFinite(asNumber) ? asNumber : text;
}
