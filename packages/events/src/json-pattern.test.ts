import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { fullestData, smallestData } from "../test/make-event.ts";
import { JSON_CHARS_MAX, jsonPattern } from "./json-pattern.ts";
import { type EventType, eventData } from "./parcel-events.ts";

const matcher = (schema: z.ZodType): RegExp => new RegExp(`^${jsonPattern(schema)}$`);

/** What it matches is JSON, and the schema takes it as it is. */
function agrees(schema: z.ZodType, text: string): boolean {
  if (text.length > JSON_CHARS_MAX || !matcher(schema).test(text)) return false;
  const value: unknown = JSON.parse(text);
  expect(schema.safeParse(value)).toEqual({ success: true, data: value });
  return true;
}

const patterned = ["pickup", "in-transit", "delivered", "returning", "returned", "cancelled"] as const satisfies EventType[];

/** What JSON or a schema looks at. */
const piece = fc.oneof(
  fc.constantFrom(
    "",
    '"',
    '""',
    "\\",
    "\\u0041",
    "{",
    "}",
    "{}",
    ",",
    ",,",
    ":",
    '"note":"again",',
    ',"note":"again"',
    '"lat":90,',
    '"lat":90.0,',
    '"lng":-180,',
    '"lng":179.99999999999999999999,',
    '"lat":089,',
    '"lat":1e2,',
    '"lat":-0,',
    '"extra":{},',
    '"extra":{"constructor":1},',
    '"extra":{"a":[]},',
    '"extra":{"a":{}},',
    '"extra":{"a":null,"b":12345678901234567.25},',
    '"note":"",',
    "constructor",
    "\u0000",
    "\n",
    "\u2028",
    "\ud83d",
    "🚚",
    "null",
    "9",
    "0",
    "-",
    ".",
    "e5",
    " ",
  ),
  fc.string({ unit: "binary", maxLength: 3 }),
);
const spoiled = fc
  .tuple(fc.constantFrom(...patterned), fc.boolean(), fc.nat(), fc.constantFrom(0, 0, 0, 1, 9), piece)
  .map(([type, isFull, place, removed, put]) => {
    const { items: _, ...data } = isFull ? fullestData[type] : { ...smallestData[type], note: "slow" };
    const text = JSON.stringify(data);
    // Behind the brace most of all, where a field may stand.
    const at = place % 3 === 0 ? 1 : place % (text.length + 1);
    return { type, text: text.slice(0, at) + put + text.slice(at + removed) };
  });

test("whatever is done to an event's data: what the pattern matches, JSON reads, and the schema takes", () => {
  const drawn = { matched: 0, left: 0 };
  const one = ({ type, text }: { type: EventType; text: string }) => {
    drawn[agrees(eventData[type], text) ? "matched" : "left"] += 1;
  };
  fc.assert(fc.property(spoiled, one), { numRuns: 10_000, seed: 1, endOnFailure: true });
  expect(drawn.matched).toBeGreaterThan(1_000);
  expect(drawn.left).toBeGreaterThan(2_000);
});

test.each(patterned)("the data of a `%s` is matched as an app writes it, in any order of its fields", (type) => {
  const { items: _, ...data } = fullestData[type];
  expect(agrees(eventData[type], "{}")).toBe(true);
  expect(agrees(eventData[type], JSON.stringify(data))).toBe(true);
  expect(agrees(eventData[type], JSON.stringify(Object.fromEntries(Object.entries(data).reverse())))).toBe(true);
});

test("a text is as long as its schema lets it be, and no longer", () => {
  const isMatched = (field: string, length: number) => agrees(eventData.delivered, JSON.stringify({ [field]: "🚚".repeat(length / 2) }));
  expect([isMatched("proof", 128), isMatched("proof", 130), isMatched("note", 1_000), isMatched("note", 1_030)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

describe("each kind of schema agrees on all that can be drawn", () => {
  const kinds: Record<string, z.ZodType> = {
    text: z.string(),
    "text of some length": z.string().min(1).max(4),
    "text of a form": z.string().regex(/^[a-z]*$/),
    "text of one form or another": z.string().regex(/^a|b$/),
    moment: z.iso.datetime({ offset: true }),
    number: z.number(),
    "number within": z.number().min(-1).max(1.5),
    "number within more": z.number().min(-105).max(31),
    "number from": z.number().min(-1.5),
    "number up to": z.number().max(1_000),
    boolean: z.boolean(),
    nothing: z.null(),
    word: z.enum(["a", "a-b", "a.b"]),
    either: z.union([z.string(), z.null(), z.bigint()]),
    record: z.record(z.string().regex(/^[a-z]$/), z.number()),
    object: z.object({ x: z.number().max(1).optional(), y: z.boolean().optional(), z: z.email().optional() }),
    "strict object": z.strictObject({ x: z.number().max(1).optional(), y: z.boolean().optional() }),
  };
  const text = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
    fc.string({ maxLength: 5 }).map((value) => JSON.stringify(value)),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.integer({ min: -200, max: 200 }).map((value) => String(value / 2)),
    fc.constantFrom(
      "0",
      "-0",
      "00",
      "1.",
      ".5",
      "1.5",
      "1.50",
      "-1",
      "-1.0",
      "105",
      "-105",
      "-104.5",
      "31",
      "30.9",
      "1e1",
      "true",
      "null",
      "nul",
    ),
    fc.constantFrom('"abcd"', '"abcde"', '"2026-05-01T10:00:00Z"', '"2026-02-30T10:00:00Z"', '"a"', '"A"', '"a\\n"', '"a\nb"'),
    fc.constantFrom('{"x":1}', '{"x":0,}', '{"x":0}', '{,"x":0}', '{"x":0"y":true}', '{"y":true,"x":0}', '{"a":1,"b":2}', '{"x":0,"a":1}'),
  );
  test.each(Object.entries(kinds))("%s", (_, schema) => {
    let matched = 0;
    fc.assert(
      fc.property(text, (one) => {
        if (agrees(schema, one)) matched += 1;
      }),
      { numRuns: 2_000, seed: 2, endOnFailure: true },
    );
    expect(matched).toBeGreaterThan(0);
  });
});

test.each<[string, z.ZodType]>([
  ["a default", z.string().default("x")],
  ["a transform", z.string().transform((text) => text.length)],
  ["a trim", z.string().trim()],
  ["a refinement", z.string().refine((text) => text !== "b")],
  ["a refined object", z.strictObject({ x: z.number().optional() }).refine(({ x }) => x !== 0)],
  ["a coercion", z.coerce.number()],
  ["a form that remembers", z.string().regex(/^a$/g)],
  ["a form of any case", z.string().regex(/^a$/i)],
  ["a form without an end", z.string().regex(/^a/)],
  ["a form that takes all but some", z.string().regex(/^[^a]$/)],
  ["a form that takes anything", z.string().regex(/^a.$/)],
  ["two forms", z.string().regex(/^a$/).regex(/^b$/)],
  ["another format", z.email()],
  ["a least length", z.string().min(2)],
  ["a whole number", z.int()],
  ["an open bound", z.number().gt(0)],
  ["numbers above 0", z.number().min(0.5)],
  ["numbers below 0", z.number().max(-2)],
  ["a step", z.number().multipleOf(2)],
  ["an object with a needed field", z.strictObject({ x: z.number() })],
  ["a loose object", z.looseObject({ x: z.number().optional() })],
  ["one of two, not both", z.xor([z.string(), z.number()])],
  ["a lazy one", z.lazy(() => z.string())],
  ["an array", z.array(z.string())],
])("%s has no pattern", (_, schema) => {
  expect(jsonPattern(schema)).toBeNull();
});
