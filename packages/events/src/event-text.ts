/**
 * An event's JSON as the SDK writes it: its fields in one order, and nothing between them. Whoever reads thousands a second tells what
 * stands before `data` by one pattern, and parses `data` alone; an event that is written otherwise, by whomever, is parsed as a whole.
 */
import { z } from "zod";
import { utf8Length } from "./frame.ts";
import { eventIdSchema, parcelSchema, storeSchema } from "./names.ts";
import { eventData, type ParcelEvent } from "./parcel-events.ts";
import { patternOf, type QuickCheck, quickCheck } from "./quick-check.ts";

/** Where `data` begins in such a text; what stands before it is the head. No name has a brace. */
export const dataFrom = (text: string): number => text.indexOf("{", 1);

/** `bytes`: of the text, in UTF-8. */
export type EventText = { text: string; bytes: number };

/**
 * One flat text. Put together from its pieces it was a tree of a dozen, which the collector of garbage walks for each event that is under way.
 */
export function eventText({ id, type, parcel, store, at, notBefore, data, trace }: ParcelEvent): EventText {
  const text = JSON.stringify({ id, type, parcel, store, at, notBefore, data, trace });
  return { text, bytes: utf8Length(text) };
}

/** What the schema asks of a text, where a quote ends it. */
const quoted = (schema: z.ZodType): string => patternOf(schema).source.slice("^".length, -"$".length).replaceAll("$", '"');

const [id, parcel, store, at] = [eventIdSchema, parcelSchema, storeSchema, z.iso.datetime({ offset: true })].map(quoted);
const namesPattern = `"parcel":"(${parcel})","store":"(${store})","at":"(${at})","data":$`;
const headPattern = new RegExp(`^\\{"id":"(${id})","type":"([a-z-]+)",${namesPattern}`);
const plainHeadPattern = new RegExp(`^\\{"id":"(${id})",${namesPattern}`);

/**
 * What is known of each type. Its name is the one that the tables are written with: one that was cut out of a text would be kept with
 * each event, and be hashed for each table that it is looked up in.
 */
type KnownType = { name: string; isGood: QuickCheck };
const knownTypes = new Map<string, KnownType>(
  Object.entries(eventData).map(([name, schema]) => [name, { name, isGood: quickCheck(schema) }]),
);

/**
 * The event of a text in two parts: its head, and the JSON of its `data`. `null`: it is written otherwise, or breaks its schema; the
 * schema, asked about all of it, says which. Not for a `data` that may have a key `__proto__`.
 */
export function eventOfText(head: string, dataJson: string): ParcelEvent | null {
  const found = headPattern.exec(head);
  if (found === null) return null;
  const [, id, type = "", parcel, store, at] = found;
  return withData(type, { id, parcel, store, at }, dataJson);
}

/**
 * As `eventOfText`, of what a plain client publishes under the name of the type: its text has all of an event's fields but that one. Not
 * for one that leaves out more, or has a `notBefore`.
 */
export function plainEventOfText(type: string, head: string, dataJson: string): ParcelEvent | null {
  const found = plainHeadPattern.exec(head);
  if (found === null) return null;
  const [, id, parcel, store, at] = found;
  return withData(type, { id, parcel, store, at }, dataJson);
}

type Names = Record<"id" | "parcel" | "store" | "at", string | undefined>;

function withData(typeName: string, { id, parcel, store, at }: Names, dataJson: string): ParcelEvent | null {
  const type = knownTypes.get(typeName);
  if (type === undefined) return null;
  const data = jsonOf(dataJson);
  if (!type.isGood(data)) return null;
  // The pattern has seen to the names, and the type's check to `data`.
  return { id, type: type.name, parcel, store, at, data } as ParcelEvent;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
