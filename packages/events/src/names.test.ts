import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import {
  driverSchema,
  eventIdSchema,
  groupSchema,
  numberSchema,
  offsetSchema,
  orderOf,
  parcelSchema,
  producerSchema,
  queueOf,
  queueParts,
  queueSchema,
  storeSchema,
  tenantSchema,
  zoneSchema,
} from "./names.ts";

const ids = { eventIdSchema, parcelSchema, producerSchema };
const words = { storeSchema, driverSchema, zoneSchema, groupSchema, tenantSchema };
const takes = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;

/** What nobody may be called, wherever the name ends up: a Map's key, a path, a log line, a room. */
const dangerous = [
  "",
  " ",
  "__proto__",
  "constructor",
  "prototype",
  "../etc",
  "a/b",
  "a b",
  "a\n",
  "\na",
  "a\u0000",
  "é",
  "ａ",
  "а",
  "😀",
  "a\u200b",
  "-a",
  ".a",
  "_a",
  ":a",
  "%2e",
];

describe.each(Object.entries({ ...ids, ...words, queueSchema }))("%s", (_, schema) => {
  test.each(dangerous)("refuses %j", (name) => {
    expect(takes(schema, name)).toBe(false);
  });
  test.each([null, undefined, 1, {}, ["a"], new String("a")])("refuses what is not text: %j", (value) => {
    expect(takes(schema, value)).toBe(false);
  });
});

test.each(Object.entries(ids))("%s: 1 to 64 characters, upper case, dots and colons too", (_, schema) => {
  for (const good of ["a", "7", "P-77", "9f1c:2.b_3", "x".repeat(64), "hasOwnProperty", "toString"]) expect(takes(schema, good)).toBe(true);
  expect(takes(schema, "x".repeat(65))).toBe(false);
});

test.each(Object.entries(words))("%s: lower case, digits and dashes", (name, schema) => {
  const max = name === "tenantSchema" ? 32 : 63;
  for (const good of ["a", "7", "acme-widgets", "1-206-flowers", "x".repeat(max)]) expect(takes(schema, good)).toBe(true);
  for (const bad of ["Acme", "a_b", "a.b", "a:b", "x".repeat(max + 1)]) expect(takes(schema, bad)).toBe(false);
});

test("a queue is a kind and a name", () => {
  for (const good of ["store/acme-widgets", "driver/dana", "zone/sp", `store/${"x".repeat(63)}`])
    expect(takes(queueSchema, good)).toBe(true);
  for (const bad of [
    "store/",
    "shop/acme",
    "store/a/b",
    "store/Acme",
    "store/constructor",
    "Store/a",
    "/a",
    "store",
    `store/${"x".repeat(64)}`,
  ]) {
    expect(takes(queueSchema, bad)).toBe(false);
  }
});

test("a queue comes apart into what it was made of", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("store" as const, "driver" as const, "zone" as const),
      fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/),
      (kind, id) => {
        fc.pre(takes(storeSchema, id));
        expect(takes(queueSchema, queueOf(kind, id))).toBe(true);
        expect(queueParts(queueOf(kind, id))).toEqual({ kind, id });
      },
    ),
  );
});

test("parcels keep their order in queues of stores and drivers, nothing keeps it in a pool", () => {
  const queues = ["store/a", "driver/a", "zone/a"];
  expect(queues.map((queue) => orderOf(queue))).toEqual(["key", "key", "none"]);
  expect(queues.map((queue) => orderOf(queue, "queue"))).toEqual(["queue", "queue", "none"]);
});

test("offsets and numbers count from 1 in whole steps", () => {
  for (const schema of [offsetSchema, numberSchema]) {
    expect([1, 2 ** 53 - 1].every((value) => takes(schema, value))).toBe(true);
    expect([0, -1, 1.5, 2 ** 53, Number.NaN, "1"].some((value) => takes(schema, value))).toBe(false);
  }
});
