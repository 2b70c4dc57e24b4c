import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { changesBetween, describeWire, hashOf, releaseConflict, type WireDescription, wireSchemas } from "../scripts/describe-wire.ts";
import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from "../src/protocol.ts";

const committed: WireDescription = JSON.parse(readFileSync(new URL("../wire-schema.json", import.meta.url), "utf8"));

test("the wire is the one that wire-schema.json describes", () => {
  const changes = changesBetween(committed.messages, describeWire(committed.released).messages);
  const advice =
    committed.released >= PROTOCOL_VERSION
      ? `Version ${PROTOCOL_VERSION} was released: raise PROTOCOL_VERSION in src/protocol.ts and keep the hub speaking ${PROTOCOL_VERSION} too; then`
      : `Version ${PROTOCOL_VERSION} is not released yet, so it may still change:`;
  expect(
    changes,
    `These messages differ from wire-schema.json. ${advice} run \`npm run wire-schema -w @waybill/events\` and commit the file.`,
  ).toEqual([]);
});

test("wire-schema.json is of this version, and was not edited by hand", () => {
  expect(committed.protocol).toBe(PROTOCOL_VERSION);
  expect(committed.hash).toBe(describeWire(committed.released).hash);
  expect(committed.released).toBeLessThanOrEqual(PROTOCOL_VERSION);
});

test("the hub speaks its version and at most the one before", () => {
  expect(PROTOCOL_VERSION - PROTOCOL_VERSION_MIN).toBeGreaterThanOrEqual(0);
  expect(PROTOCOL_VERSION - PROTOCOL_VERSION_MIN).toBeLessThanOrEqual(1);
});

test("a changed field is noticed and named", () => {
  const changed = structuredClone(committed.messages);
  const take = changed.driverRequests?.take;
  if (!take?.properties) throw new Error("the request `take` is described");
  take.properties.when = { type: "string" };
  expect(changesBetween(committed.messages, changed)).toEqual(["driverRequests take"]);
  expect(hashOf(changed)).not.toBe(committed.hash);
});

test("the description of a released version is never written over, that of a new one is", () => {
  const wire = describeWire(0);
  const released = { ...wire, released: PROTOCOL_VERSION, messages: { ...wire.messages, auth: {} } };
  expect(releaseConflict(released, wire)).toContain("auth auth");
  expect(releaseConflict({ ...released, released: PROTOCOL_VERSION - 1 }, wire)).toBeNull();
  expect(releaseConflict({ ...wire, released: PROTOCOL_VERSION }, wire)).toBeNull();
});

/** JSON Schema drops what a function checks or changes, and then the description tells less than the hub demands. */
function functionsIn(schema: unknown, path: string, seen = new Set<unknown>()): string[] {
  if (typeof schema !== "object" || schema === null || seen.has(schema)) return [];
  seen.add(schema);
  if (!(schema instanceof z.core.$ZodType)) {
    if (schema instanceof RegExp || schema instanceof Date || schema instanceof Set) return [];
    return Object.entries(schema).flatMap(([key, inner]) => functionsIn(inner, `${path}.${key}`, seen));
  }
  const { def } = schema._zod;
  const checks = (def.checks ?? []).map((check) => check._zod.def.check).filter((check) => check === "custom" || check === "overwrite");
  const isFunction = ["transform", "pipe", "custom", "catch", "lazy", "promise", "function"].includes(def.type);
  return [
    ...(isFunction ? [`${path}: ${def.type}`] : []),
    ...checks.map((check) => `${path}: ${check}`),
    ...functionsIn({ ...def }, path, seen),
  ];
}

for (const [kind, schemas] of Object.entries(wireSchemas)) {
  test(`no function hides in a schema of ${kind}`, () => {
    const found = Object.entries<z.ZodType>(schemas).flatMap(([name, schema]) => functionsIn(schema, name));
    expect(found).toEqual([]);
  });
}

test("a refine, a transform and a trim would be found, however deep", () => {
  const deep = (inner: z.ZodType) => functionsIn(z.strictObject({ a: z.array(z.union([z.null(), inner])).optional() }), "x").length;
  expect(deep(z.string().max(3))).toBe(0);
  expect(deep(z.string().refine((text) => text !== ""))).toBeGreaterThan(0);
  expect(deep(z.string().trim())).toBeGreaterThan(0);
  expect(deep(z.string().transform(Number))).toBeGreaterThan(0);
});
