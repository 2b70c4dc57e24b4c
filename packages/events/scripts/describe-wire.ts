import { createHash } from "node:crypto";
import { z } from "zod";
import * as events from "../src/index.ts";

type JsonSchema = z.core.JSONSchema.JSONSchema;
type Requests = Record<string, { request: z.ZodType; reply: z.ZodType }>;
type Notices = Record<string, z.ZodType>;

/** Everything that crosses the wire, by conversation and name. The test of the contract walks the same table. */
export const wireSchemas = {
  auth: { auth: events.authSchema },
  tokens: { claims: events.tokenClaimsSchema },
  events: Object.fromEntries(events.parcelEventSchema.options.map((schema) => [schema.shape.type.value, schema])),
  plain: {
    publish: events.plainPublishSchema,
    confirm: events.plainConfirmSchema,
    delivery: events.plainDeliverySchema,
    settle: events.plainSettleSchema,
    gap: events.plainGapSchema,
  },
  frames: {
    publish: events.publishHeaderSchema,
    confirm: events.confirmSchema,
    deliver: events.deliverHeaderSchema,
    delivers: events.deliversHeaderSchema,
  },
  driverRequests: flat(events.driverRequests),
  vendorRequests: flat(events.vendorRequests),
  adminRequests: flat(events.adminRequests),
  driverNotices: events.driverNotices,
  vendorNotices: events.vendorNotices,
  hubNotices: events.hubNotices,
} as const satisfies Record<string, Notices>;

function flat(requests: Requests): Notices {
  return Object.fromEntries(
    Object.entries(requests).flatMap(([name, { request, reply }]) => [
      [name, request],
      [`${name} (answer)`, reply],
    ]),
  );
}

export type WireDescription = {
  /** Version of the wire that this describes. */
  protocol: number;
  /** The highest version that was part of a release: its description must not change any more. */
  released: number;
  /** Of `messages`. */
  hash: string;
  messages: Record<string, Record<string, JsonSchema>>;
};

/** The wire as JSON Schema, as a sender must write it. Keys are sorted, so that a change shows where it is and nowhere else. */
export function describeWire(released: number): WireDescription {
  const messages = sorted(
    Object.fromEntries(
      Object.entries(wireSchemas).map(([kind, schemas]) => [
        kind,
        Object.fromEntries(Object.entries<z.ZodType>(schemas).map(([name, schema]) => [name, describe(schema)])),
      ]),
    ),
  );
  return { protocol: events.PROTOCOL_VERSION, released, hash: hashOf(messages), messages };
}

function describe(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io: "input" });
  return described;
}

export const hashOf = (messages: WireDescription["messages"]): string =>
  createHash("sha256").update(JSON.stringify(messages)).digest("hex");

/** The same value with the keys of every object in their order. */
function sorted<T>(value: T): T;
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** Names of the messages that differ, such as `driverRequests take`. */
export function changesBetween(before: WireDescription["messages"], after: WireDescription["messages"]): string[] {
  const names = (messages: WireDescription["messages"]) =>
    new Map(
      Object.entries(messages).flatMap(([kind, ofKind]) =>
        Object.entries(ofKind).map(([name, schema]) => [`${kind} ${name}`, JSON.stringify(sorted(schema))]),
      ),
    );
  const [old, now] = [names(before), names(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name)).sort();
}

/** Why `wire-schema.json` must not be written anew, or `null`: a version that was released stays as it was. */
export function releaseConflict(committed: WireDescription, wire: WireDescription): string | null {
  const changes = changesBetween(committed.messages, wire.messages);
  if (changes.length === 0 || wire.protocol > committed.released) return null;
  return `Version ${wire.protocol} of the wire was released, and these messages differ from it: ${changes.join(", ")}.
Raise PROTOCOL_VERSION in src/protocol.ts (the hub must go on speaking the one before), then run this again.`;
}
