import type { z } from "zod";
import { lengthsOf, patternFormats, type Rule, rulesOf } from "./quick-check.ts";

type Def = z.core.$ZodTypes["_zod"]["def"];

/** Texts of no more characters than this need not be counted, where a schema allows so many. */
export const JSON_CHARS_MAX = 1_024;

/** What JSON.stringify writes of a text as it stands: all but quotes, backslashes and control characters. */
const plainChar = String.raw`[^"\\\x00-\x1f]`;

/**
 * A pattern of JSON of no more than `JSON_CHARS_MAX` characters: what it matches, `JSON.parse` reads and the schema accepts as it is. For what is
 * checked by the ten thousand, and then passed on as it came: nothing is made of it. It is derived from the schema, which stays the only
 * definition. What it does not match may be good all the same: texts with escapes, fields that it has no case for. Not for texts that may have a key
 * `__proto__`. `null`: it has no case at all.
 */
export function jsonPattern(schema: z.core.$ZodType): string | null {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if ("coerce" in def && def.coerce) return null;
  const rules = rulesOf(def);
  if (def.type === "string") return textPattern(rules);
  if (def.type === "number") return numberPattern(rules);
  if (rules.length > 0) return null;
  switch (def.type) {
    case "boolean":
      return "(?:true|false)";
    case "null":
      return "null";
    case "enum":
      return anyOf(Object.values(def.entries).map((word) => (typeof word === "string" && plainWord.test(word) ? `"${word}"` : null)));
    case "optional":
      return jsonPattern(def.innerType);
    case "union":
      return "inclusive" in def && def.inclusive === false ? null : anyOf(def.options.map(jsonPattern));
    case "record":
      return recordPattern(def);
    case "object":
      return objectPattern(def);
    default:
      return null;
  }
}

/** In JSON, and in a pattern, it stands as it is. */
const plainWord = /^[\w-]+$/;

/** Those that have a pattern. */
function anyOf(patterns: readonly (string | null)[]): string | null {
  const known = patterns.filter((pattern) => pattern !== null);
  return known.length === 0 ? null : `(?:${known.join("|")})`;
}

/**
 * Fields in any order; behind each comes a comma and another one, or the end. One that comes twice is read as it is the second time, and that is
 * good as well.
 */
const fieldsPattern = (field: string | null): string | null => field && String.raw`\{(?:${field}(?:,(?=")|(?=\})))*\}`;

function objectPattern({ shape, catchall }: Extract<Def, { type: "object" }>): string | null {
  if (catchall !== undefined && catchall._zod.def.type !== "never") return null;
  const fields = Object.entries(shape);
  if (fields.some(([, field]) => field._zod.def.type !== "optional")) return null;
  return fieldsPattern(
    anyOf(
      fields.map(([name, field]) => {
        const value = jsonPattern(field);
        return value && plainWord.test(name) ? `"${name}":${value}` : null;
      }),
    ),
  );
}

function recordPattern({ keyType, valueType, mode = "strict" }: Extract<Def, { type: "record" }>): string | null {
  const [key, value] = [jsonPattern(keyType), jsonPattern(valueType)];
  return mode === "strict" && key && value ? fieldsPattern(`${key}:${value}`) : null;
}

function textPattern(rules: readonly Rule[]): string | null {
  const [first] = rules;
  if (first?.check === "string_format")
    return rules.length === 1 && patternFormats.has(first.format) && first.pattern ? quotedPattern(first.pattern) : null;
  const lengths = lengthsOf(rules);
  if (lengths === null) return null;
  const { min, max } = lengths;
  // The schema counts code points, which are one or two units each: so many units are never too many of them, and one is always one.
  if (min > 1) return null;
  if (max >= JSON_CHARS_MAX) return `"${plainChar}${min === 0 ? "*" : "+"}"`;
  return `"${plainChar}{${min},${max}}"`;
}

/** What could let a quote or a backslash pass: those mean something else in JSON than in the text. */
const takesAnything = /\[\^|\\[SDWPpBb]|(?:^|[^\\])\./;

function quotedPattern(pattern: RegExp): string | null {
  const { source, flags } = pattern;
  if (flags !== "" || takesAnything.test(source) || !source.startsWith("^") || !source.endsWith("$")) return null;
  return `"${withinQuotes(pattern)}"`;
}

/** What a pattern of a whole text asks of it where a quote stands before and behind it. */
export const withinQuotes = ({ source }: RegExp): string => `(?:${source.slice("^".length, -"$".length).replaceAll("$", '"')})`;

/** Of so many digits a whole number is below all bounds of what a number can be. */
const anyWhole = String.raw`(?:0|[1-9]\d{0,14})`;

function numberPattern(rules: readonly Rule[]): string | null {
  let below: string | null = anyWhole;
  let above: string | null = anyWhole;
  for (const rule of rules) {
    if (rule.check === "less_than" && rule.inclusive && below === anyWhole) below = wholeBelow(Number(rule.value));
    else if (rule.check === "greater_than" && rule.inclusive && above === anyWhole) above = wholeBelow(-Number(rule.value));
    else return null;
  }
  return below && above && String.raw`(?:${below}|-${above})(?:\.\d+)?`;
}

/** Whole numbers from 0 on that are less, as JSON writes them: with any fraction they are no more than the bound. `null`: of so small a bound. */
function wholeBelow(bound: number): string | null {
  if (bound < 1) return null;
  if (bound >= 1e15) return anyWhole;
  const digits = String(Math.floor(bound));
  const ways = ["0"];
  for (let length = 1; length < digits.length; length += 1) ways.push(String.raw`[1-9]\d{${length - 1}}`);
  for (let at = 0; at < digits.length; at += 1) {
    const [least, most] = [at === 0 ? 1 : 0, Number(digits[at]) - 1];
    if (most >= least) ways.push(String.raw`${digits.slice(0, at)}[${least}-${most}]\d{${digits.length - at - 1}}`);
  }
  return `(?:${ways.join("|")})`;
}
