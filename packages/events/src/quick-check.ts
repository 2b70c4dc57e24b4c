import type { z } from "zod";

/** `true`: the schema accepts the value, and would hand back its equal. `false`: ask the schema, which may still accept it, and says why not. */
export type QuickCheck = (value: unknown) => boolean;

type Def = z.core.$ZodTypes["_zod"]["def"];
type DefOf<T extends Def["type"]> = Extract<Def, { type: T }>;
/** A refinement's `check` is `custom`, or code of its own: no case below knows it. */
export type Rule = z.core.$ZodChecks["_zod"]["def"];

const askSchema: QuickCheck = () => false;

/**
 * For what is checked by the ten thousand: to say yes to an event, a schema makes some forty objects, this none. It is derived from the schema,
 * which stays the only definition; what it has no case for, it leaves to the schema. Its yes is for objects as JSON makes them.
 */
export function quickCheck(schema: z.core.$ZodType): QuickCheck {
  const { def, traits } = (schema as z.core.$ZodTypes)._zod;
  if ("coerce" in def && def.coerce) return askSchema;
  if (def.type === "string") return stringCheck(rulesOf(def));
  if (def.type === "number") return numberCheck(rulesOf(def));
  if (def.type === "array") return arrayCheck(quickCheck(def.element), rulesOf(def));
  if (rulesOf(def).length > 0 || traits.has("$ZodExactOptional")) return askSchema;
  switch (def.type) {
    case "boolean":
      return (value) => typeof value === "boolean";
    case "null":
      return (value) => value === null;
    case "unknown":
      return () => true;
    case "literal":
      return oneOf(def.values);
    case "enum":
      return oneOf(Object.values(def.entries));
    case "optional":
      return orMissing(quickCheck(def.innerType));
    case "union":
      return "discriminator" in def ? taggedUnionCheck(def as z.core.$ZodDiscriminatedUnionDef) : unionCheck(def);
    case "tuple":
      return tupleCheck(def);
    case "record":
      return recordCheck(def);
    case "object":
      return objectCheck(def);
    default:
      return askSchema;
  }
}

/** What it asks beyond its type; a format is a rule and a type in one. */
export function rulesOf(def: Def): Rule[] {
  const own = "check" in def ? [def as unknown as Rule] : [];
  return [...own, ...(def.checks ?? []).map((check) => (check as unknown as z.core.$ZodChecks)._zod.def)];
}

/** Formats that are their pattern and nothing else. */
export const patternFormats = new Set(["regex", "datetime"]);

function stringCheck(rules: readonly Rule[]): QuickCheck {
  let min = 0;
  let max = Number.POSITIVE_INFINITY;
  let pattern: RegExp | null = null;
  for (const rule of rules) {
    if (rule.check === "min_length") min = Math.max(min, rule.minimum);
    else if (rule.check === "max_length") max = Math.min(max, rule.maximum);
    else if (rule.check === "string_format" && patternFormats.has(rule.format) && rule.pattern && pattern === null) pattern = rule.pattern;
    else return askSchema;
  }
  // The schema counts code points, which are one or two units each: so many units are never too few of them, and so many never too many.
  const unitsMin = 2 * min - 1;
  const fits = (value: string): boolean => value.length >= unitsMin && value.length <= max;
  if (pattern === null) return (value) => typeof value === "string" && fits(value);
  if (pattern.global || pattern.sticky) return askSchema;
  const form = pattern;
  return (value) => typeof value === "string" && fits(value) && form.test(value);
}

/** The pattern that is all that a text's schema asks; throws when it asks anything else. */
export function patternOf(schema: z.core.$ZodType): RegExp {
  const [rule, ...others] = rulesOf((schema as z.core.$ZodTypes)._zod.def);
  if (rule?.check === "string_format" && patternFormats.has(rule.format) && rule.pattern && others.length === 0) return rule.pattern;
  throw new Error("Broken invariant: this text's schema is more than a pattern, or has none.");
}

function numberCheck(rules: readonly Rule[]): QuickCheck {
  let isInt = false;
  let min = Number.NEGATIVE_INFINITY;
  let max = Number.POSITIVE_INFINITY;
  for (const rule of rules) {
    if (rule.check === "number_format" && rule.format === "safeint") isInt = true;
    else if (rule.check === "greater_than" && rule.inclusive) min = Math.max(min, Number(rule.value));
    else if (rule.check === "greater_than" && rule.value === 0 && isInt) min = Math.max(min, 1);
    else if (rule.check === "less_than" && rule.inclusive) max = Math.min(max, Number(rule.value));
    else return askSchema;
  }
  const isOfKind = isInt ? Number.isSafeInteger : Number.isFinite;
  return (value) => typeof value === "number" && isOfKind(value) && value >= min && value <= max;
}

/** How long what these are the rules of may be; `null`: they ask anything else. */
export function lengthsOf(rules: readonly Rule[]): { min: number; max: number } | null {
  let min = 0;
  let max = Number.POSITIVE_INFINITY;
  for (const rule of rules) {
    if (rule.check === "min_length") min = Math.max(min, rule.minimum);
    else if (rule.check === "max_length") max = Math.min(max, rule.maximum);
    else return null;
  }
  return { min, max };
}

function arrayCheck(check: QuickCheck, rules: readonly Rule[]): QuickCheck {
  const lengths = lengthsOf(rules);
  if (lengths === null) return askSchema;
  const { min, max } = lengths;
  return (value) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) return false;
    for (const item of value) if (!check(item)) return false;
    return true;
  };
}

function tupleCheck({ items, rest }: DefOf<"tuple">): QuickCheck {
  if (rest !== null) return askSchema;
  const checks = items.map(quickCheck);
  return (value) => {
    if (!Array.isArray(value) || value.length !== checks.length) return false;
    let at = 0;
    for (const check of checks) if (!check(value[at++])) return false;
    return true;
  };
}

function oneOf(values: readonly unknown[]): QuickCheck {
  const [only, ...others] = values;
  if (others.length === 0) return (value) => value === only;
  const all = new Set(values);
  return (value) => all.has(value);
}

/** `safeParse` of the schema, quick about what it accepts as it is. */
export function quickParser<T>(schema: z.ZodType<T>): (value: unknown) => z.ZodSafeParseResult<T> {
  const isGood = quickCheck(schema);
  return (value) => (isGood(value) ? { success: true, data: value as T } : schema.safeParse(value));
}

const orMissing =
  (check: QuickCheck): QuickCheck =>
  (value) =>
    value === undefined || check(value);

function unionCheck({ options, inclusive }: z.core.$ZodUnionDef): QuickCheck {
  if (inclusive === false) return askSchema;
  const checks = options.map(quickCheck);
  return (value) => {
    for (const check of checks) if (check(value)) return true;
    return false;
  };
}

function taggedUnionCheck({ options, discriminator }: z.core.$ZodDiscriminatedUnionDef): QuickCheck {
  const byTag = new Map<unknown, QuickCheck>();
  for (const option of options) for (const tag of option._zod.propValues?.[discriminator] ?? []) byTag.set(tag, quickCheck(option));
  return (value) => isPlain(value) && (byTag.get(value[discriminator]) ?? askSchema)(value);
}

function recordCheck({ keyType, valueType, mode = "strict" }: DefOf<"record">): QuickCheck {
  if (mode !== "strict") return askSchema;
  const checkKey = quickCheck(keyType);
  const checkValue = quickCheck(valueType);
  return (value) => {
    if (!isPlain(value)) return false;
    for (const key in value) if (key === "__proto__" || !checkKey(key) || !checkValue(value[key])) return false;
    return true;
  };
}

/** An unknown field is the schema's matter: a strict one refuses it, another leaves it out. */
function objectCheck({ shape, catchall }: DefOf<"object">): QuickCheck {
  if (catchall !== undefined && catchall._zod.def.type !== "never") return askSchema;
  const fields = Object.entries(shape).map(([name, field]) => new Field(name, field));
  const byName = new Map(fields.map((field) => [field.name, field]));
  const needed = fields.filter(({ isNeeded }) => isNeeded).length;
  return (value) => {
    if (!isPlain(value)) return false;
    let found = 0;
    let at = 0;
    for (const name in value) {
      // Mostly they come in the schema's order, and need not be looked up.
      const next = fields[at++];
      const field = next?.name === name ? next : byName.get(name);
      if (field === undefined || !field.check(value[name])) return false;
      if (field.isNeeded) found += 1;
    }
    return found === needed;
  };
}

class Field {
  readonly name: string;
  readonly check: QuickCheck;
  readonly isNeeded: boolean;

  constructor(name: string, schema: z.core.$ZodType) {
    this.name = name;
    this.check = quickCheck(schema);
    this.isNeeded = schema._zod.def.type !== "optional";
  }
}

export const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
