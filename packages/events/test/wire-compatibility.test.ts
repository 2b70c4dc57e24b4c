/** The hub speaks its version of the wire and the one before: whatever a client of that one may send or must be told is held against today's schemas. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describeWire, hashOf, type WireDescription } from "../scripts/describe-wire.ts";
import { misunderstandings } from "../scripts/wire-compatibility.ts";
import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from "../src/protocol.ts";

const versions = Array.from({ length: PROTOCOL_VERSION - PROTOCOL_VERSION_MIN }, (_, index) => PROTOCOL_VERSION_MIN + index);
const descriptionOf = (version: number): WireDescription =>
  JSON.parse(readFileSync(new URL(`../wire-schema-${version}.json`, import.meta.url), "utf8"));

test("the version before is spoken too", () => {
  expect(versions).toEqual([PROTOCOL_VERSION - 1]);
});

/** Reasons as `misunderstandings` gives them, and why no client of the version before ever meets the difference. */
const metByNewerAlone: Record<string, string> = {
  "adminRequests event:explain (answer)(outcome=explained).reason(because=delayed): is not known to the reader":
    'only who says `knows: ["delayed"]` is told so; others are told `resting` until the same time',
  "frames confirm(outcome=stored): is not known to the reader":
    "only who states version 2 (`auth.protocol`) is told so; others are told `confirmed`",
};

describe.each(versions)("version %i", (version) => {
  const old = descriptionOf(version);

  test("its description is whole, and was not edited by hand", () => {
    expect(old.protocol).toBe(version);
    expect(old.released).toBe(version);
    expect(old.hash).toBe(hashOf(old.messages));
  });

  test("its clients and this hub understand each other", () => {
    const found = misunderstandings(old.messages, describeWire(0).messages);
    expect(
      found.filter((reason) => !Object.hasOwn(metByNewerAlone, reason)),
      `A client of version ${version} would be refused, or would not understand what it is told. Keep what it knows and add beside it,
as "The wire" in docs/upgrading.md says. Is it an answer that only a newer client's question can get? Then name it in \`metByNewerAlone\`.`,
    ).toEqual([]);
    expect(Object.keys(metByNewerAlone).filter((reason) => !found.includes(reason))).toEqual([]);
  });
});

type Messages = WireDescription["messages"];
type Schema = Messages[string][string];

/** What is said when these were the messages of the version before, and `change` made today's of them. */
function changed(kind: string, name: string, old: Schema, change: (schema: Schema) => void): string[] {
  const now = structuredClone(old);
  change(now);
  return misunderstandings({ [kind]: { [name]: old } }, { [kind]: { [name]: now } });
}

const request = (): Schema => ({
  type: "object",
  additionalProperties: false,
  required: ["queue"],
  properties: {
    queue: { type: "string", pattern: "^store/" },
    limit: { type: "integer", exclusiveMinimum: 0, maximum: 500 },
    state: { type: "string", enum: ["waiting", "taken"] },
    ranges: { type: "array", maxItems: 8, items: { type: "array", prefixItems: [{ type: "integer" }, { type: "integer" }] } },
  },
});
type OfRequest = (properties: Record<string, Schema>, schema: Schema) => unknown;
const ofRequest = (change: OfRequest) =>
  changed("driverRequests", "take", request(), (schema) => change((schema.properties ?? {}) as Record<string, Schema>, schema));

test("a request may gain an optional field, a wider limit and a further choice", () => {
  const found = ofRequest((properties) => {
    properties.until = { type: "string" };
    properties.limit = { type: "integer", minimum: 0, maximum: 501 };
    properties.state = { type: "string", enum: ["waiting", "taken", "overdue"] };
  });
  expect(found).toEqual([]);
});

test.each<[string, OfRequest, string]>([
  ["a field is gone", (properties) => delete properties.limit, ".limit: is gone"],
  ["a field became required", (_, schema) => schema.required?.push("limit"), ".limit: is required by the reader"],
  ["a type is another", (properties) => Object.assign(properties, { limit: { type: "string" } }), ".limit: is integer, read as string"],
  ["a limit is lower", (properties) => Object.assign(properties.limit ?? {}, { maximum: 499 }), "500 is more than"],
  ["a least is higher", (properties) => Object.assign(properties.limit ?? {}, { minimum: 2 }), "1 is less than"],
  ["a choice is gone", (properties) => properties.state?.enum?.pop(), "`taken` is not known"],
  ["a pattern is another", (properties) => Object.assign(properties.queue ?? {}, { pattern: "^zone/" }), "its pattern is another"],
  ["a list is shorter", (properties) => Object.assign(properties.ranges ?? {}, { maxItems: 7 }), "8 is more than"],
  [
    "a place of a tuple has another type",
    (properties) => Object.assign(properties.ranges?.items ?? {}, { prefixItems: [{ type: "integer" }, { type: "string" }] }),
    "[1]: is integer, read as string",
  ],
])("a request is held against its older form: %s", (_, change, reason) => {
  expect(ofRequest(change).join("\n")).toContain(reason);
});

const answer = (): Schema => ({
  oneOf: [
    {
      type: "object",
      required: ["outcome", "offset"],
      properties: { outcome: { type: "string", const: "stored" }, offset: { type: "integer", minimum: 0 }, gap: { type: "integer" } },
    },
    { type: "object", required: ["outcome"], properties: { outcome: { type: "string", const: "refused" } } },
  ],
});
type OfAnswer = (properties: Record<string, Schema>, stored: Schema, variants: Schema[]) => unknown;
const ofAnswer = (change: OfAnswer) =>
  changed("driverRequests", "take (answer)", answer(), ({ oneOf = [] }) => {
    const variants = oneOf as Schema[];
    const [stored = {}] = variants;
    change((stored.properties ?? {}) as Record<string, Schema>, stored, variants);
  });

test("an answer may gain a field", () => {
  expect(ofAnswer((properties) => Object.assign(properties, { receipt: { type: "string" } }))).toEqual([]);
});

test.each<[string, OfAnswer, string]>([
  ["a field is gone", (properties) => delete properties.gap, "(outcome=stored).gap: is gone"],
  ["a field may be left out", (_, stored) => stored.required?.pop(), ".offset: is required by the reader, and may be left out"],
  ["a type is another", (properties) => Object.assign(properties, { offset: { type: "string" } }), ".offset: is string, read as integer"],
  ["a value that was never told", (properties) => Object.assign(properties.offset ?? {}, { minimum: -1 }), "-1 is less than"],
  ["an outcome is gone", (_, __, variants) => variants.pop(), "(outcome=refused): is gone"],
  [
    "an outcome is new",
    (_, __, variants) => variants.push({ type: "object", properties: { outcome: { type: "string", const: "later" } } }),
    "(outcome=later): is not known to the reader",
  ],
])("an answer is held against its older form: %s", (_, change, reason) => {
  expect(ofAnswer(change).join("\n")).toContain(reason);
});

test("a message that is gone is named, and a keyword that nobody compares is an error", () => {
  expect(misunderstandings({ hubNotices: { reset: { type: "object" } } }, { hubNotices: {} })).toEqual(["hubNotices reset: is gone"]);
  expect(() => changed("hubNotices", "reset", { type: "object", not: { type: "null" } }, () => {})).toThrow("keyword `not`");
});
