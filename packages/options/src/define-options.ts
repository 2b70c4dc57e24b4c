import type { z } from "zod";
import { type OptionField, readFields } from "./option-field.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type Positionals = {
  /** As the usage line shows it: `FILE`. */
  placeholder: string;
  describe: string;
  /** Least and most of them. Default 0 and 1. */
  min?: number;
  max?: number;
  /** Resolved from where the user stands. */
  path?: boolean;
};

export type OptionsInput<S extends z.ZodObject> = {
  /** What the user calls the program: `hub`, `driver publish`. */
  name: string;
  /** One sentence: what it does. */
  summary: string;
  /** How it is started, up to the options: `npm run hub --`. */
  usage: string;
  positionals?: Positionals;
  /** Each key an option: `.describe(…)` is its help, `.meta({ env, placeholder, flag, path, unit, takes, secret })` the rest. */
  options: S;
  /** Shown at the end of the help. */
  examples?: readonly { command: string; does: string }[];
};

/** One table, from which flags, environment, help and docs are read. */
export type OptionsDefinition<S extends z.ZodObject = z.ZodObject> = OptionsInput<S> & { readonly fields: readonly OptionField[] };

/** Names that every program has. */
export const reservedFlags = ["help", "version"];

/**
 * Checks the definition once, at start: each option described, environment names `WAYBILL_*`, no name twice.
 * Throws a TypeError; that is the programmer's fault, not the user's.
 */
export function defineOptions<S extends z.ZodObject>(input: OptionsInput<S>): OptionsDefinition<S> {
  const fields = readFields(input.options);
  assertDistinct(input.name, [...reservedFlags, ...fields.map((field) => field.flag)]);
  assertDistinct(
    input.name,
    fields.flatMap((field) => field.env ?? []),
  );
  return { ...input, fields };
}

function assertDistinct(program: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`Two options of ${program} share the name ${twice}.`);
}
