/**
 * An event's JSON as the SDK writes it: its fields in one order, and nothing between them. Whoever reads thousands a second tells what
 * stands before `data` by one pattern, and parses `data` alone; an event that is written otherwise, by whomever, is parsed as a whole.
 */
import { z } from "zod";
import { utf8Length } from "./frame.ts";
import { eventIdSchema, parcelSchema, storeSchema } from "./names.ts";
import { eventData, type ParcelEvent } from "./parcel-events.ts";
import { patternOf, type QuickCheck, quickCheck } from "./quick-check.ts";

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
const quoted = (schema: z.ZodType): string => `(?:${patternOf(schema).source.slice("^".length, -"$".length).replaceAll("$", '"')})`;

const [id, parcel, store, at] = [eventIdSchema, parcelSchema, storeSchema, z.iso.datetime({ offset: true })].map(quoted);
const linePattern = new RegExp(`^\\{"id":"${id}","type":"[a-z-]+","parcel":"${parcel}","store":"${store}","at":"${at}","data":\\{`);
const plainHeadPattern = new RegExp(`^\\{"id":"(${id})","parcel":"(${parcel})","store":"(${store})","at":"(${at})","data":$`);

/**
 * What is known of each type. Its name is the one that the tables are written with: one that was cut out of a text would be kept with
 * each event, and be hashed for each table that it is looked up in.
 */
type KnownType = { name: string; isGood: QuickCheck };
const knownTypes = new Map<string, KnownType>(
  Object.entries(eventData).map(([name, schema]) => [name, { name, isGood: quickCheck(schema) }]),
);

/** What stands between the names in such a text. */
const ID_FROM = '{"id":"'.length;
const BEFORE_TYPE = '","type":"'.length;
const BEFORE_PARCEL = '","parcel":"'.length;
const BEFORE_STORE = '","store":"'.length;
const BEFORE_AT = '","at":"'.length;
const BEFORE_DATA = '","data":'.length;

/** `cut`: a part of the text as one of its own, for what is kept of an event must not keep the text of a whole frame. No character is more than a byte. */
export type EventLine = { text: string; cut(from: number, to: number): string };

/**
 * The event of its text. `null`: it is written otherwise, or breaks its schema; the schema, asked about all of it, says which. Not for a `data` that
 * may have a key `__proto__`. `home`: the store that it is expected to name, which is this very text then: one that was cut out is hashed for each
 * look-up.
 */
export function eventOfText(line: EventLine, home: string): ParcelEvent | null {
  const { text } = line;
  if (!text.endsWith("}") || !linePattern.test(text)) return null;
  // The pattern has seen to the names and to what stands between them: each ends with the next quote.
  const idTo = text.indexOf('"', ID_FROM);
  const typeFrom = idTo + BEFORE_TYPE;
  const typeTo = text.indexOf('"', typeFrom);
  const parcelFrom = typeTo + BEFORE_PARCEL;
  const parcelTo = text.indexOf('"', parcelFrom);
  const storeFrom = parcelTo + BEFORE_STORE;
  const storeTo = text.indexOf('"', storeFrom);
  const atFrom = storeTo + BEFORE_AT;
  const atTo = text.indexOf('"', atFrom);
  const type = typeOf(text.slice(typeFrom, typeTo));
  const data = dataOf(type, text.slice(atTo + BEFORE_DATA, -1));
  if (type === undefined || data === undefined) return null;
  const names = line.cut(ID_FROM, parcelTo);
  const store = text.slice(storeFrom, storeTo);
  return {
    id: names.slice(0, idTo - ID_FROM),
    type: type.name,
    parcel: names.slice(parcelFrom - ID_FROM),
    store: store === home ? home : store,
    at: text.slice(atFrom, atTo),
    data,
  } as ParcelEvent;
}

/** Events come mostly as many of one type. */
let latest: KnownType | undefined;

function typeOf(name: string): KnownType | undefined {
  if (latest === undefined || name !== latest.name) latest = knownTypes.get(name);
  return latest;
}

/**
 * As `eventOfText`, of what a plain client publishes under the name of the type: its text has all of an event's fields but that one. Not
 * for one that leaves out more, or has a `notBefore`.
 */
export function plainEventOfText(typeName: string, head: string, dataJson: string): ParcelEvent | null {
  const found = plainHeadPattern.exec(head);
  const type = typeOf(typeName);
  const data = found === null ? undefined : dataOf(type, dataJson);
  if (found === null || type === undefined || data === undefined) return null;
  const [, id, parcel, store, at] = found;
  return { id, type: type.name, parcel, store, at, data } as ParcelEvent;
}

/** `undefined`: no JSON, or not what an event of this type may have. */
function dataOf(type: KnownType | undefined, json: string): unknown {
  const data = type === undefined ? undefined : jsonOf(json);
  return type?.isGood(data) === true ? data : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
