import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { fullestData, makeEvent } from "../test/make-event.ts";
import { eventTypes, parcelEventSchema } from "./parcel-events.ts";
import { quickCheck, quickParser } from "./quick-check.ts";

const trace = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
const isEvent = quickCheck(parcelEventSchema);

test.each(eventTypes)("a good `%s` needs no schema: with the least and with all of its fields", (type) => {
  expect(isEvent(makeEvent(type))).toBe(true);
  expect(isEvent({ ...makeEvent(type, { data: fullestData[type] }), notBefore: "2026-05-01T12:00:00+02:00", trace })).toBe(true);
});

/** What may stand where something else belongs. */
const odd = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1.5,
    91,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "",
    "constructor",
    "prototype",
    "2026-02-30T10:00:00Z",
    "2026-02-28T10:00:00",
    "x".repeat(65),
    "🚚".repeat(64),
    "🚚".repeat(129),
    true,
    null,
    undefined,
    [],
    {},
    new Date(0),
    Object.create({ inherited: 1 }),
  ),
  fc.string({ unit: "binary", maxLength: 5 }),
  fc.double(),
  fc.jsonValue({ maxDepth: 2 }),
);

type Place = { holder: object; key: string };
const placesOf = (holder: object): Place[] =>
  Object.entries(holder).flatMap(([key, value]) => [
    { holder, key },
    { holder, key: `${key}s` },
    ...(typeof value === "object" && value !== null ? placesOf(value) : []),
  ]);

/** An event of any type, mostly with something odd in one of its places, or something missing, or too much. */
const drawnEvent = fc
  .tuple(fc.constantFrom(...eventTypes), fc.boolean(), fc.option(fc.tuple(fc.nat(), odd, fc.boolean()), { freq: 4 }))
  .map(([type, isFull, broken]) => {
    const event: object = structuredClone(makeEvent(type, isFull ? { data: fullestData[type] } : {}));
    const places = placesOf(event);
    const place = broken && places[broken[0] % places.length];
    if (broken && place) {
      if (broken[2]) Reflect.set(place.holder, place.key, broken[1]);
      else Reflect.deleteProperty(place.holder, place.key);
    }
    return event;
  });

/** Its yes is the schema's, and the value is what the schema hands back. */
function agrees(schema: z.ZodType, value: unknown): boolean {
  if (!quickCheck(schema)(value)) return false;
  expect(schema.safeParse(value)).toEqual({ success: true, data: value });
  return true;
}

test("what is accepted quickly is accepted by the schema as it is; plain JSON that the schema accepts mostly is quick", () => {
  const drawn = { quick: 0, refused: 0, slow: 0 };
  const one = (value: unknown) => {
    if (agrees(parcelEventSchema, value)) drawn.quick += 1;
    else drawn[parcelEventSchema.safeParse(value).success ? "slow" : "refused"] += 1;
  };
  fc.assert(fc.property(fc.oneof({ weight: 30, arbitrary: drawnEvent }, odd), one), { numRuns: 3_000, seed: 1, endOnFailure: true });
  expect(drawn.quick).toBeGreaterThan(750);
  expect(drawn.refused).toBeGreaterThan(750);
  expect(drawn.slow).toBeLessThan(50);
});

describe("each kind of schema agrees on all that can be drawn", () => {
  const point = z.strictObject({ x: z.number().min(0).max(1), y: z.int().positive().optional() });
  const kinds: Record<string, z.ZodType> = {
    text: z.string(),
    "text of some length": z.string().min(2).max(4),
    "text of a form": z.string().regex(/^[a-z]*$/),
    moment: z.iso.datetime({ offset: true }),
    number: z.number(),
    "number within": z.number().min(-1).max(1.5),
    integer: z.int(),
    count: z.int().positive(),
    boolean: z.boolean(),
    nothing: z.null(),
    anything: z.unknown(),
    literal: z.literal("a"),
    literals: z.literal(["a", 1, null]),
    word: z.enum(["a", "b"]),
    "perhaps missing": z.string().optional(),
    either: z.union([z.string(), z.null()]),
    record: z.record(z.string().regex(/^[a-z]$/), z.number()),
    "record of any key": z.record(z.string(), z.json()),
    "record of anything": z.record(z.string(), z.unknown()),
    "strict object": point,
    "object of anything": z.strictObject({ x: z.unknown(), y: z.unknown().optional() }),
    "object that leaves out": z.object({ x: z.number() }),
    array: z.array(point).min(1).max(2),
    tuple: z.tuple([z.number().min(0), z.string().optional()]),
    tagged: z.discriminatedUnion("t", [z.strictObject({ t: z.literal("a") }), z.strictObject({ t: z.literal(["b", "c"]), x: z.number() })]),
  };
  const small = fc.oneof(
    odd,
    fc.constantFrom("a", "b", "abc", "🚚", "🚚🚚", "🚚🚚🚚", "2026-05-01T10:00:00Z"),
    fc.dictionary(fc.constantFrom("x", "y", "t", "__proto__"), fc.oneof(odd, fc.constantFrom(0, 1, "a", "b")), { noNullPrototype: true }),
    fc.constantFrom({ t: "a" }, { t: "b", x: 1 }, { t: "c" }, { t: "a", x: 1 }, { x: 0 }, { x: 1, y: 3 }, { x: 1, z: 3 }),
    fc.array(fc.record({ x: fc.constantFrom(0, 1, 2) }), { maxLength: 3 }),
    fc.array(fc.constantFrom(-1, 0, 1, "a", undefined, null), { maxLength: 3 }),
  );
  test.each(Object.entries(kinds))("%s", (_, schema) => {
    let quick = 0;
    fc.assert(
      fc.property(small, (value) => {
        if (agrees(schema, value)) quick += 1;
      }),
      { numRuns: 1_000, seed: 2, endOnFailure: true },
    );
    expect(quick).toBeGreaterThan(0);
  });
});

test.each<[string, z.ZodType, unknown]>([
  ["a default", z.string().default("x"), "a"],
  ["a transform", z.string().transform((text) => text.length), "a"],
  ["a trim", z.string().trim(), "a"],
  ["a refinement", z.string().refine((text) => text !== "b"), "a"],
  ["a refined object", z.strictObject({ x: z.number() }).refine(({ x }) => x > 0), { x: 1 }],
  ["a coercion", z.coerce.number(), 1],
  ["a form that remembers", z.string().regex(/a/g), "a"],
  ["two forms", z.string().regex(/a/).regex(/b/), "ab"],
  ["another format", z.email(), "a@example.com"],
  ["an open bound", z.number().gt(0), 1],
  ["a step", z.number().multipleOf(2), 2],
  ["a loose object", z.looseObject({ x: z.number() }), { x: 1 }],
  ["an exact optional", z.strictObject({ x: z.exactOptional(z.string()) }), { x: "a" }],
  ["one of two, not both", z.xor([z.string(), z.number()]), "a"],
  ["a tuple with a rest", z.tuple([z.string()]).rest(z.number()), ["a"]],
  ["a lazy one", z.lazy(() => z.string()), "a"],
])("%s is left to the schema", (_, schema, value) => {
  expect(quickCheck(schema)(value)).toBe(false);
  expect(quickParser(schema)(value).success).toBe(true);
});

test("a parser hands back the value itself, or what the schema says about it", () => {
  const parse = quickParser(z.object({ x: z.number() }));
  const good = { x: 1 };
  expect(parse(good).data).toBe(good);
  expect(parse({ x: 1, later: true }).data).toEqual({ x: 1 });
  expect(parse({ x: "1" }).error?.issues).toMatchObject([{ path: ["x"], code: "invalid_type" }]);
});
