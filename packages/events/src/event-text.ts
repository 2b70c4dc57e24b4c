/**
 * An event's JSON as the SDK writes it: its fields in one order, and nothing between them. Whoever reads thousands a second tells what
 * stands before `data` by one pattern, and parses `data` alone; an event that is written otherwise, by whomever, is parsed as a whole.
 */
import { z } from "zod";
import { eventIdSchema, parcelSchema, storeSchema } from "./names.ts";
import { eventData, type ParcelEvent } from "./parcel-events.ts";
import { patternOf, type QuickCheck, quickCheck } from "./quick-check.ts";

/** Where `data` begins in such a text; what stands before it is the head. No name has a brace. */
export const dataFrom = (text: string): number => text.indexOf("{", 1);

/** The event has passed its schema: in none of the names there is anything that JSON would escape. */
export function eventText({ id, type, parcel, store, at, notBefore, data, trace }: ParcelEvent): string {
  if (notBefore !== undefined || trace !== undefined) return JSON.stringify({ id, type, parcel, store, at, notBefore, data, trace });
  return `{"id":"${id}","type":"${type}","parcel":"${parcel}","store":"${store}","at":"${at}","data":${JSON.stringify(data)}}`;
}

/** What the schema asks of a text, where a quote ends it. */
const quoted = (schema: z.ZodType): string => patternOf(schema).source.slice("^".length, -"$".length).replaceAll("$", '"');

const [id, parcel, store, at] = [eventIdSchema, parcelSchema, storeSchema, z.iso.datetime({ offset: true })].map(quoted);
const headPattern = new RegExp(`^\\{"id":"(${id})","type":"([a-z-]+)","parcel":"(${parcel})","store":"(${store})","at":"(${at})","data":$`);

const dataChecks = new Map<string, QuickCheck>(Object.entries(eventData).map(([type, schema]) => [type, quickCheck(schema)]));

/**
 * The event of a text in two parts: its head, and the JSON of its `data`. `null`: it is written otherwise, or breaks its schema; the
 * schema, asked about all of it, says which. Not for a `data` that may have a key `__proto__`.
 */
export function eventOfText(head: string, dataJson: string): ParcelEvent | null {
  const found = headPattern.exec(head);
  if (found === null) return null;
  const type = found[2] ?? "";
  const isGood = dataChecks.get(type);
  if (isGood === undefined) return null;
  const data = jsonOf(dataJson);
  if (!isGood(data)) return null;
  // The pattern has seen to the names, and the type's check to `data`.
  return { id: found[1], type, parcel: found[3], store: found[4], at: found[5], data } as ParcelEvent;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
