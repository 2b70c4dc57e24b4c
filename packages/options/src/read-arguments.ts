import { reservedFlags } from "./define-options.ts";
import { nearest } from "./nearest.ts";
import type { OptionField } from "./option-field.ts";

export type ReadArguments = {
  /** Texts by option key, in the order given; booleans as `true` and `false`. */
  texts: Map<string, string[]>;
  positionals: string[];
  asksFor: "help" | "version" | undefined;
  faults: string[];
};

const isNumber = (text: string): boolean => /^-\d/.test(text);
const isValue = (text: string | undefined): text is string =>
  text !== undefined && (!text.startsWith("-") || text === "-" || isNumber(text));

/** Splits a command line: `--flag value`, `--flag=value`, `--switch`, `--no-switch`, `--` before what only looks like a flag. */
export function readArguments(argv: readonly string[], fields: readonly OptionField[]): ReadArguments {
  const read: ReadArguments = { texts: new Map(), positionals: [], asksFor: undefined, faults: [] };
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      read.positionals.push(...rest);
      break;
    }
    if (word === "-h" || word === "--help") read.asksFor = "help";
    else if (word === "--version") read.asksFor ??= "version";
    else if (isValue(word)) read.positionals.push(word);
    else readFlag(word, rest, fields, read);
  }
  return read;
}

function readFlag(word: string, rest: string[], fields: readonly OptionField[], read: ReadArguments): void {
  const [name = word, given] = splitOnce(word);
  const field = fields.find((field) => `--${field.flag}` === name);
  const denied = fields.find((field) => field.isBoolean && `--no-${field.flag}` === name);
  if (denied !== undefined && given === undefined) add(read.texts, denied.key, "false");
  else if (field === undefined) read.faults.push(unknownFlag(name, fields));
  else if (given !== undefined) add(read.texts, field.key, given);
  else if (field.isBoolean) add(read.texts, field.key, "true");
  else if (isValue(rest[0])) add(read.texts, field.key, rest.shift() ?? "");
  else
    read.faults.push(
      `${name} has no value. Write ${name} ${field.placeholder}${rest[0] === undefined ? "" : `, or ${name}=VALUE for one that begins with a dash`}.`,
    );
}

function splitOnce(word: string): [string, string | undefined] {
  const at = word.indexOf("=");
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function unknownFlag(name: string, fields: readonly OptionField[]): string {
  const known = [...reservedFlags, ...fields.flatMap((field) => (field.isBoolean ? [field.flag, `no-${field.flag}`] : [field.flag]))];
  const meant = nearest(name.replace(/^-+/, ""), known);
  return `${name} is no option here.${meant === undefined ? "" : ` Did you mean --${meant}?`}`;
}

function add(texts: Map<string, string[]>, key: string, text: string): void {
  texts.set(key, [...(texts.get(key) ?? []), text]);
}
