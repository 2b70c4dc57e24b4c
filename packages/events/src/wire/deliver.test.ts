import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "../limits.ts";
import {
  arePlainSettles,
  deliverHeaderSchema,
  deliversHeaderSchema,
  isDeliverHeader,
  isDeliversHeader,
  isPlainSettle,
  settleSchema,
  settlesSchema,
} from "./deliver.ts";

const count = fc.integer({ min: 1, max: 10_000 });
const row = fc.array(fc.oneof(count, fc.double({ noNaN: true, noDefaultInfinity: true })), { minLength: 2, maxLength: 8 });
const part = fc.record({ sub: count, generation: count, first: count, events: fc.array(row, { minLength: 1, maxLength: 3 }) });
const deliver = fc.tuple(part, count).map(([fields, epoch]) => ({ ...fields, epoch }));
const runs = fc
  .tuple(row, fc.array(fc.oneof(row, fc.tuple(fc.integer({ min: 1, max: limits.creditEventsMax }))), { maxLength: 3 }))
  .map(([first, more]) => [first, ...more]);
const partOfRuns = fc.record({ sub: count, generation: count, first: count, events: runs });
const delivers = fc.record({ epoch: count, parts: fc.array(partOfRuns, { minLength: 1, maxLength: 3 }) });

/** What may stand where something else belongs; `undefined`: nothing does. */
const odd = fc.oneof(
  fc.constantFrom(
    0,
    -1,
    -0,
    1.5,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "1",
    true,
    null,
    undefined,
    [],
    {},
    [1],
    [[1, 2, 3]],
    [1, 2],
  ),
  fc.array(count, { maxLength: 10 }),
  fc.jsonValue({ maxDepth: 2 }),
);

type Place = { holder: object; key: string };
const placesOf = (holder: object): Place[] =>
  Object.entries(holder).flatMap(([key, value]) => [
    { holder, key },
    ...(typeof value === "object" && value !== null ? placesOf(value) : []),
  ]);

/** A good header, or one that has something odd in one of its places. */
const perhapsBroken = (good: fc.Arbitrary<object>): fc.Arbitrary<unknown> =>
  fc.tuple(good, fc.option(fc.tuple(fc.nat(), odd), { freq: 2 }), fc.boolean()).map(([header, broken, isLater]) => {
    const places = placesOf(header);
    const place = broken && places[broken[0] % places.length];
    if (broken && place) Reflect.set(place.holder, place.key, broken[1]);
    return isLater && !Array.isArray(header) ? { ...header, later: { version: 3 } } : header;
  });

test.each([
  { name: "deliver", schema: deliverHeaderSchema, isHeader: isDeliverHeader, good: deliver },
  { name: "delivers", schema: deliversHeaderSchema, isHeader: isDeliversHeader, good: delivers },
])("what is read by hand is what the schema of `$name` takes, with the same fields", ({ schema, isHeader, good }) => {
  const drawn = { taken: 0, refused: 0 };
  const agrees = (value: unknown) => {
    const parsed = schema.safeParse(value);
    expect(isHeader(value)).toBe(parsed.success);
    if (parsed.success) expect(value).toMatchObject(parsed.data);
    drawn[parsed.success ? "taken" : "refused"] += 1;
  };
  fc.assert(fc.property(fc.oneof({ weight: 20, arbitrary: perhapsBroken(good) }, odd), agrees), {
    numRuns: 1_000,
    seed: 1,
    endOnFailure: true,
  });
  // Neither kind was drawn so seldom that the test says nothing.
  expect(drawn.taken).toBeGreaterThan(250);
  expect(drawn.refused).toBeGreaterThan(250);
});

const tokens = fc.array(fc.tuple(count, count), { maxLength: 3 });
const settle = fc.record({ sub: count, epoch: count, acks: tokens, started: tokens }, { requiredKeys: ["sub", "epoch"] });
const settles = fc.array(settle, { minLength: 1, maxLength: 3 });

test.each([
  { name: "settle", schema: settleSchema, isPlain: isPlainSettle, good: settle },
  { name: "settles", schema: settlesSchema, isPlain: arePlainSettles, good: settles },
])(
  "what is taken for a plain `$name` is what the schema takes, field by field, and what an SDK sends is plain",
  ({ schema, isPlain, good }) => {
    let refused = 0;
    const agrees = (value: unknown) => {
      const parsed = schema.safeParse(value);
      if (!parsed.success) refused += 1;
      if (isPlain(value)) expect(parsed).toEqual({ success: true, data: value });
    };
    fc.assert(fc.property(fc.oneof({ weight: 20, arbitrary: perhapsBroken(good) }, odd), agrees), {
      numRuns: 1_000,
      seed: 1,
      endOnFailure: true,
    });
    fc.assert(fc.property(good, isPlain), { numRuns: 100, seed: 1 });
    expect(refused).toBeGreaterThan(250);
  },
);

test("a run goes on from a row, in a `delivers` frame alone", () => {
  const part = { sub: 1, generation: 1, first: 1 };
  const delivers = (...events: number[][]) => ({ epoch: 1, parts: [{ ...part, events }] });
  expect([isDeliversHeader(delivers([7, 1], [3])), isDeliversHeader(delivers([3], [7, 1]))]).toEqual([true, false]);
  expect(deliversHeaderSchema.safeParse(delivers([3], [7, 1])).success).toBe(false);
  expect(isDeliverHeader({ ...part, epoch: 1, events: [[7, 1], [3]] })).toBe(false);
  // More than may be in hand would keep who reads it busy for ever.
  const much = delivers([7, 1], [limits.creditEventsMax + 1]);
  expect([isDeliversHeader(much), deliversHeaderSchema.safeParse(much).success]).toEqual([false, false]);
});

test("what is longer than its schema allows is not plain", () => {
  const range = [1, 2];
  const long = { sub: 1, epoch: 1, acks: Array.from({ length: 1_025 }, () => range) };
  expect([isPlainSettle(long), settleSchema.safeParse(long).success]).toEqual([false, false]);
  const many = Array.from({ length: limits.settlesPerMessageMax + 1 }, () => ({ sub: 1, epoch: 1 }));
  expect([arePlainSettles(many), settlesSchema.safeParse(many).success]).toEqual([false, false]);
});
