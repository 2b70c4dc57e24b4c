/**
 * An event's JSON as the SDK writes it: its fields in one order, and nothing between them. Whoever reads thousands a second tells what
 * stands before `data` by one pattern, and parses `data` alone; an event that is written otherwise, by whomever, is parsed as a whole.
 */
import { z } from "zod";
import { utf8Length } from "./frame.ts";
import { JSON_CHARS_MAX, jsonPattern, withinQuotes } from "./json-pattern.ts";
import { eventIdSchema, parcelSchema, storeSchema } from "./names.ts";
import { type EventType, eventData, type ParcelEvent } from "./parcel-events.ts";
import { isPlain, patternOf, type QuickCheck, quickCheck } from "./quick-check.ts";

/** `bytes`: of the text, in UTF-8. */
export type EventText = { text: string; bytes: number };

/**
 * One flat text. Put together from its pieces it was a tree of a dozen, which the collector of garbage walks for each event that is under way.
 */
export function eventText({ id, type, parcel, store, at, notBefore, data, trace }: ParcelEvent): EventText {
  const text = JSON.stringify({ id, type, parcel, store, at, notBefore, data, trace });
  return { text, bytes: utf8Length(text) };
}

const [id, parcel, store, at] = [eventIdSchema, parcelSchema, storeSchema, z.iso.datetime({ offset: true })].map((schema) =>
  withinQuotes(patternOf(schema)),
);
/** Of a line of this type, up to its `data`. */
const headPattern = (type: string): string =>
  `^\\{"id":"${id}","type":"${type}","parcel":"${parcel}","store":"${store}","at":"${at}","data":`;
const linePattern = new RegExp(`${headPattern("[a-z-]+")}\\{`);
/** The same of what a plain client publishes, which has no type. */
const plainHead = `^\\{"id":"(${id})","parcel":"(${parcel})","store":"(${store})","at":"(${at})","data":`;
const plainHeadPattern = new RegExp(`${plainHead}$`);

/** Types whose `data` nobody asks for on their way: they say nothing of their parcel's claim. */
const toldTypes = ["in-transit", "delivered", "returning", "returned"] as const satisfies EventType[];

/** An event of which this is asked for, and no more: what else it says is good, and was not parsed. */
export type ToldEvent = Pick<ParcelEvent, "id" | "parcel" | "store"> & { type: (typeof toldTypes)[number]; notBefore?: undefined };

/**
 * What is known of each type. Its name is the one that the tables are written with: one that was cut out of a text would be kept with
 * each event, and be hashed for each table that it is looked up in. `told`: of good lines of this type that need not be parsed.
 */
type KnownType = { name: string; quoted: string; isGood: QuickCheck; told: RegExp | null; toldPlain: RegExp | null };
const knownTypes = new Map<string, KnownType>(
  Object.entries(eventData).map(([name, schema]) => [
    name,
    {
      name,
      quoted: `${name}"`,
      isGood: quickCheck(schema),
      told: toldPattern(name, headPattern(name)),
      toldPlain: toldPattern(name, plainHead),
    },
  ]),
);

function toldPattern(name: string, head: string): RegExp | null {
  const type = toldTypes.find((one) => one === name);
  const data = type === undefined ? null : jsonPattern(eventData[type]);
  return data === null ? null : new RegExp(`${head}${data}\\}$`);
}

/** Those of an event that says neither `notBefore` nor `trace`. */
const FIELDS = 6;

/**
 * The text of an event that its schema takes as it is: one pattern, over the text that is made anyway, in place of one for each name. `null`: it may
 * be none, or says more than nearly all do; the schema decides then.
 */
export function textOfGood(event: object): EventText | null {
  const { id, type, parcel, store, at, data } = event as Partial<Record<keyof ParcelEvent, unknown>>;
  if (typeof id !== "string" || typeof type !== "string" || typeof parcel !== "string") return null;
  if (typeof store !== "string" || typeof at !== "string" || typeOf(type)?.isGood(data) !== true || !hasFields(event, FIELDS)) return null;
  const text = JSON.stringify({ id, type, parcel, store, at, data });
  return linePattern.test(text) ? { text, bytes: utf8Length(text) } : null;
}

function hasFields(event: object, count: number): boolean {
  let fields = 0;
  for (const _ in event) fields += 1;
  return fields === count && isPlain(event);
}

/** What stands between the names in such a text. */
const ID_FROM = '{"id":"'.length;
const BEFORE_TYPE = '","type":"'.length;
const BEFORE_PARCEL = '","parcel":"'.length;
const BEFORE_STORE = '","store":"'.length;
const BEFORE_AT = '","at":"'.length;
const BEFORE_DATA = '","data":';

/** `cut`: a part of the text as one of its own, for what is kept of an event must not keep the text of a whole frame. No character is more than a byte. */
export type EventLine = { text: string; cut(from: number, to: number): string };

/**
 * The event of its text. `null`: it is written otherwise, or breaks its schema; the schema, asked about all of it, says which. Not for a `data` that
 * may have a key `__proto__`. `home`: the store that it is expected to name, which is this very text then: one that was cut out is hashed for each
 * look-up.
 */
export function eventOfText(line: EventLine, home: string): ParcelEvent | ToldEvent | null {
  const { text } = line;
  const typeFrom = text.indexOf('"', ID_FROM) + BEFORE_TYPE;
  const type = typeAt(text, typeFrom);
  if (type === undefined) return null;
  const isTold = type.told !== null && text.length <= JSON_CHARS_MAX && type.told.test(text);
  const data = isTold ? null : dataOfLine(type, text);
  if (data === undefined) return null;
  // A pattern has seen to the names and to what stands between them: each ends with the next quote.
  const parcelFrom = typeFrom + type.name.length + BEFORE_PARCEL;
  const parcelTo = text.indexOf('"', parcelFrom);
  const names = line.cut(ID_FROM, parcelTo);
  const id = names.slice(0, typeFrom - BEFORE_TYPE - ID_FROM);
  const parcel = names.slice(parcelFrom - ID_FROM);
  const storeFrom = parcelTo + BEFORE_STORE;
  const isAtHome = text.startsWith(home, storeFrom) && text[storeFrom + home.length] === '"';
  const store = isAtHome ? home : text.slice(storeFrom, text.indexOf('"', storeFrom));
  if (isTold) return { id, type: type.name, parcel, store } as ToldEvent;
  const atFrom = storeFrom + store.length + BEFORE_AT;
  return { id, type: type.name, parcel, store, at: text.slice(atFrom, text.indexOf('"', atFrom)), data } as ParcelEvent;
}

/** Events come mostly as many of one type. */
let latest: KnownType | undefined;

function typeAt(text: string, from: number): KnownType | undefined {
  return latest !== undefined && text.startsWith(latest.quoted, from) ? latest : typeOf(text.slice(from, text.indexOf('"', from)));
}

function typeOf(name: string): KnownType | undefined {
  if (latest === undefined || name !== latest.name) latest = knownTypes.get(name);
  return latest;
}

/** `undefined`: the line is written otherwise, or its data is not good. */
function dataOfLine(type: KnownType, text: string): unknown {
  if (!text.endsWith("}") || !linePattern.test(text)) return undefined;
  return dataOf(type, text.slice(text.indexOf(BEFORE_DATA) + BEFORE_DATA.length, -1));
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

/**
 * The same of its whole line, without its `data` being parsed. `null`: that is not of a type that is only told, or has more in it than a pattern tells. As
 * the text is read byte by byte, a character may be some of its characters: no schema of such `data` knows one from another beyond ASCII. Not for
 * a text that may have a key `__proto__`.
 */
export function toldOfPlainText(typeName: string, line: EventLine): ToldEvent | null {
  const { text } = line;
  const type = typeOf(typeName);
  if (!type?.toldPlain || text.length > JSON_CHARS_MAX || !type.toldPlain.test(text)) return null;
  const idTo = text.indexOf('"', ID_FROM);
  const parcelFrom = idTo + BEFORE_PARCEL;
  const parcelTo = text.indexOf('"', parcelFrom);
  const names = line.cut(ID_FROM, parcelTo);
  const storeFrom = parcelTo + BEFORE_STORE;
  const id = names.slice(0, idTo - ID_FROM);
  const parcel = names.slice(parcelFrom - ID_FROM);
  return { id, type: type.name, parcel, store: text.slice(storeFrom, text.indexOf('"', storeFrom)) } as ToldEvent;
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
