/**
 * What one version of the wire says and the other cannot read. Pure: both versions come as the JSON Schema of
 * wire-schema.json, where only such keywords stand as zod writes; one that is not known here throws, so that nothing passes unseen.
 */
import type { z } from "zod";
import type { WireDescription } from "./describe-wire.ts";

type Schema = z.core.JSONSchema.BaseSchema;
/** `writer` is of the side that sends. To the hub that is the older version, to a client the newer. */
type Sides = { writer: Schema; reader: Schema; to: "hub" | "client" };

const KEYWORDS = new Set(
  "type properties required additionalProperties propertyNames items prefixItems anyOf oneOf enum const pattern format default minimum maximum exclusiveMinimum minLength maxLength minItems maxItems".split(
    " ",
  ),
);

/** What goes to clients; all else goes to the hub. */
function receiverOf(kind: string, name: string): "hub" | "client" {
  if (kind === "hubNotices" || name.endsWith(" (answer)")) return "client";
  if (kind === "plain") return name === "publish" || name === "settle" ? "hub" : "client";
  if (kind === "frames") return name === "publish" ? "hub" : "client";
  return "hub";
}

/** Why a client of `old` and a hub of `now` do not understand each other: nothing when they do. Each reason starts with its message's name. */
export function misunderstandings(old: WireDescription["messages"], now: WireDescription["messages"]): string[] {
  return Object.entries(old).flatMap(([kind, messages]) =>
    Object.entries(messages).flatMap(([name, before]) => {
      const path = `${kind} ${name}`;
      const after = now[kind]?.[name];
      if (!after) return [`${path}: is gone`];
      const to = receiverOf(kind, name);
      return unread(to === "hub" ? { writer: before, reader: after, to } : { writer: after, reader: before, to }, path);
    }),
  );
}

function unread(sides: Sides, path: string): string[] {
  const { writer, reader } = sides;
  for (const keyword of [...Object.keys(writer), ...Object.keys(reader)]) {
    if (!KEYWORDS.has(keyword)) throw new Error(`${path}: wire-compatibility.ts does not know the keyword \`${keyword}\``);
  }
  if (variantsOf(writer).length > 1 || variantsOf(reader).length > 1) return unreadVariants(sides, path);
  if (reader.type === undefined) return [];
  if (!typesOf(writer).every((type) => typesOf(reader).includes(type) || (type === "integer" && reader.type === "number"))) {
    return [`${path}: is ${writer.type ?? "anything"}, read as ${reader.type}`];
  }
  return [...unreadValues(sides, path), ...unreadBounds(sides, path), ...unreadProperties(sides, path), ...unreadItems(sides, path)];
}

const typesOf = ({ type }: Schema): string[] => [type ?? "anything"].flat();
const variantsOf = (schema: Schema): Schema[] => (schema.anyOf ?? schema.oneOf ?? [schema]).map(asSchema);
const asSchema = (schema: Schema | boolean | undefined): Schema => (typeof schema === "object" ? schema : {});

/** Each variant that may be written is one that the reader knows. */
function unreadVariants({ writer, reader, to }: Sides, path: string): string[] {
  const readers = variantsOf(reader);
  const missing =
    to === "client" ? readers.filter((known) => !variantsOf(writer).some((written) => labelOf(written) === labelOf(known))) : [];
  return [
    ...missing.map((known) => `${path}(${labelOf(known)}): is gone`),
    ...variantsOf(writer).flatMap((written) => {
      const inner = `${path}(${labelOf(written)})`;
      const tries = readers
        .filter((known) => labelOf(known) === labelOf(written))
        .map((known) => unread({ writer: written, reader: known, to }, inner));
      return tries.some((reasons) => reasons.length === 0) ? [] : (tries[0] ?? [`${inner}: is not known to the reader`]);
    }),
  ];
}

/** What tells the variants of a union apart: their constants, such as `outcome=refused`, else their type. */
function labelOf(schema: Schema): string {
  const constants = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const { const: value } = asSchema(property);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return constants.length > 0 ? constants.join(" ") : String(schema.const ?? schema.type);
}

function unreadValues({ writer, reader }: Sides, path: string): string[] {
  const valuesOf = (schema: Schema) => schema.enum ?? (schema.const === undefined ? null : [schema.const]);
  const [written, known] = [valuesOf(writer), valuesOf(reader)];
  if (known === null) return [];
  if (written === null) return [`${path}: is any ${writer.type}, read as one of ${known.join(", ")}`];
  return written.filter((value) => !known.includes(value)).map((value) => `${path}: \`${value}\` is not known to the reader`);
}

function unreadBounds({ writer, reader }: Sides, path: string): string[] {
  const least = ({ minimum, exclusiveMinimum, minLength, minItems }: Schema) =>
    Math.max(minimum ?? -Infinity, Number(exclusiveMinimum ?? -Infinity) + 1, minLength ?? -Infinity, minItems ?? -Infinity);
  const most = ({ maximum, maxLength, maxItems }: Schema) => Math.min(maximum ?? Infinity, maxLength ?? Infinity, maxItems ?? Infinity);
  return [
    ...(least(reader) > least(writer) ? [`${path}: ${least(writer)} is less than the reader's ${least(reader)}`] : []),
    ...(most(reader) < most(writer) ? [`${path}: ${most(writer)} is more than the reader's ${most(reader)}`] : []),
    ...(["pattern", "format"] as const)
      .filter((keyword) => reader[keyword] !== undefined && reader[keyword] !== writer[keyword])
      .map((keyword) => `${path}: its ${keyword} is another`),
  ];
}

function unreadProperties({ writer, reader, to }: Sides, path: string): string[] {
  const [written, known] = [writer.properties ?? {}, reader.properties ?? {}];
  const [old, now] = to === "hub" ? [written, known] : [known, written];
  const gone = Object.keys(old).filter((name) => !Object.hasOwn(now, name));
  const isStrict = reader.additionalProperties === false;
  return [
    ...gone.map((name) => `${path}.${name}: is gone`),
    ...Object.keys(written)
      .filter((name) => isStrict && to === "client" && !Object.hasOwn(known, name))
      .map((name) => `${path}.${name}: is refused by the reader`),
    ...(reader.required ?? [])
      .filter((name) => !writer.required?.includes(name))
      .map((name) => `${path}.${name}: is required by the reader, and may be left out`),
    ...Object.keys(written)
      .filter((name) => Object.hasOwn(known, name))
      .flatMap((name) => unread({ writer: asSchema(written[name]), reader: asSchema(known[name]), to }, `${path}.${name}`)),
    ...(["additionalProperties", "propertyNames"] as const).flatMap((keyword) =>
      typeof reader[keyword] === "object"
        ? unread({ writer: asSchema(writer[keyword]), reader: asSchema(reader[keyword]), to }, `${path}.*`)
        : [],
    ),
  ];
}

function unreadItems({ writer, reader, to }: Sides, path: string): string[] {
  const tuple = reader.prefixItems ?? [];
  return [
    ...tuple.flatMap((known, index) =>
      unread({ writer: asSchema(writer.prefixItems?.[index]), reader: asSchema(known), to }, `${path}[${index}]`),
    ),
    ...(typeof reader.items === "object" && !Array.isArray(reader.items)
      ? unread({ writer: itemsOf(writer), reader: asSchema(reader.items), to }, `${path}[]`)
      : []),
  ];
}

const itemsOf = ({ items }: Schema): Schema => (Array.isArray(items) ? {} : asSchema(items));
