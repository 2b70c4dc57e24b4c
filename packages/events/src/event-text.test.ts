import fc from "fast-check";
import { expect, test } from "vitest";
import { fullestData, makeEvent } from "../test/make-event.ts";
import { eventOfText, eventText, textOfGood, toldOfPlainText } from "./event-text.ts";
import { eventTypes, type ParcelEvent, parcelEventSchema } from "./parcel-events.ts";

const trace = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;

const read = (text: string, home = "") => eventOfText({ text, cut: (from, to) => text.slice(from, to) }, home);

/** What is told of an event that was not parsed. */
const toldOf = ({ id, type, parcel, store }: { id: string; type: string; parcel: string; store: string }) => ({ id, type, parcel, store });
const isTold = new Set<string>(["in-transit", "delivered", "returning", "returned"]);

test.each(eventTypes)("a `%s` is written as JSON of the event, and read without its schema", (type) => {
  for (const event of [makeEvent(type), makeEvent(type, { data: fullestData[type] })]) {
    expect(JSON.parse(eventText(event).text)).toEqual(event);
    expect(read(eventText(event).text)).toEqual(isTold.has(type) ? toldOf(event) : event);
  }
});

test("an event whose data has an escape, or is long, is parsed", () => {
  for (const note of ['"', "\n", "x".repeat(1_000)]) {
    const event = makeEvent("in-transit", { data: { note } });
    expect(read(eventText(event).text)).toEqual(event);
  }
});

test("what few events have is written, too, and left to who parses all of it", () => {
  for (const more of [{ notBefore: "2026-05-01T12:00:00+02:00" }, { trace }]) {
    const event = { ...makeEvent("ready"), ...more };
    expect(JSON.parse(eventText(event).text)).toEqual(event);
    expect(read(eventText(event).text)).toBeNull();
  }
});

test("a text that is written in another order, or with anything between its fields, is left to who parses all of it", () => {
  const { id, ...rest } = makeEvent("delivered");
  expect(read(JSON.stringify({ ...rest, id }))).toBeNull();
  expect(read(JSON.stringify({ id, ...rest }, null, 1))).toBeNull();
});

test.each(["plain", "ü", "漢字", "🚚", "\ud83d", '"\n'])("a text's bytes are told without looking at all of it: data with %j", (note) => {
  for (const more of [{}, { trace }]) {
    const { text, bytes } = eventText({ ...makeEvent("pickup", { data: { note } }), ...more });
    expect(bytes).toBe(new TextEncoder().encode(text).length);
  }
});

test.each(eventTypes)("the text of a good `%s` is the same without its schema", (type) => {
  for (const event of [makeEvent(type), makeEvent(type, { data: fullestData[type] })]) {
    const { data, id, ...rest } = event;
    for (const same of [event, { data, ...rest, id }]) expect(textOfGood(same)).toEqual(eventText(event));
  }
});

test("what is no good event, or says what few say, is left to the schema", () => {
  const event = makeEvent("pickup", { data: { items: 2 } });
  const { at: _at, ...without } = event;
  const odd: object[] = [
    { ...event, trace },
    { ...event, notBefore: event.at },
    { ...event, colour: "red" },
    { ...without, trace },
    Object.assign(Object.create({ colour: "red" }), event),
    Object.assign(Object.create(null), event),
    { ...event, data: { items: 0 } },
    { ...event, data: { items: 2, colour: "red" } },
    { ...event, data: [] },
    { ...event, type: "constructor" },
    { ...event, type: "no-such-type" },
    [],
  ];
  for (const name of ["id", "parcel", "store", "at"]) {
    for (const bad of [
      "",
      "ü",
      "constructor",
      "a b",
      'a"',
      'a","store":"b',
      "a\n",
      "x".repeat(65),
      7,
      null,
      undefined,
      new String("a"),
      ["a"],
    ])
      odd.push({ ...event, [name]: bad });
  }
  for (const one of odd) expect(textOfGood(one), JSON.stringify(one)).toBeNull();
});

/** Pieces that JSON or a schema looks at, put into a text or in place of a part of it. */
const piece = fc.oneof(
  fc.constantFrom(
    "",
    '"',
    "\\",
    "{",
    "}",
    ",",
    ":",
    '"data":{}',
    ',"id":"other"',
    "constructor",
    "prototype",
    "\u0000",
    "\n",
    "é",
    "🚚",
    "null",
    "7",
    "ab",
    "-",
    " ",
  ),
  fc.string({ unit: "binary", maxLength: 3 }),
);
const spoiled = fc
  .tuple(fc.constantFrom(...eventTypes), fc.boolean(), fc.nat(), fc.constantFrom(0, 0, 0, 1, 12), piece)
  .map(([type, isFull, place, removed, put]) => {
    const { text } = eventText(makeEvent(type, isFull ? { data: fullestData[type] } : {}));
    const at = place % (text.length + 1);
    return text.slice(0, at) + put + text.slice(at + removed);
  });

test("whatever is done to the text: what is read is what JSON says, and what the schema takes", () => {
  const drawn = { read: 0, left: 0 };
  const agrees = (text: string) => {
    const event = read(text);
    drawn[event === null ? "left" : "read"] += 1;
    if (event === null) return;
    const { success, data } = parcelEventSchema.safeParse(JSON.parse(text));
    expect(success && ("data" in event ? data : toldOf(data))).toEqual(event);
  };
  for (const name of ["id", "parcel", "store"]) {
    for (const odd of ["constructor", "prototype"]) agrees(JSON.stringify({ ...makeEvent("pickup"), [name]: odd }));
  }
  fc.assert(fc.property(spoiled, agrees), { numRuns: 5_000, seed: 1, endOnFailure: true });
  expect(drawn.read).toBeGreaterThan(300);
  expect(drawn.left).toBeGreaterThan(1_000);
});

/** As a plain client writes it, with a character for each byte. */
const plainText = (text: string): string => text.replace(/"type":"[a-z-]+",/, "");
const byBytes = (text: string): string => Buffer.from(text).toString("latin1");
const readPlain = (type: string, text: string) => {
  const bytes = byBytes(text);
  return toldOfPlainText(type, { text: bytes, cut: (from, to) => bytes.slice(from, to) });
};

test.each(eventTypes)("a `%s` of a plain client is told without its type, where nobody asks for its data on its way", (type) => {
  for (const event of [makeEvent(type), makeEvent(type, { data: fullestData[type] })]) {
    expect(readPlain(type, plainText(eventText(event).text))).toEqual(isTold.has(type) ? toldOf(event) : null);
    expect(readPlain(type, eventText(event).text)).toBeNull();
  }
});

test("whatever is done to the text of a plain client: what is told is what JSON says, and what the schema takes", () => {
  const drawn = { told: 0, left: 0 };
  const agrees = (text: string) => {
    // Half of a character comes over no wire.
    const json = Buffer.from(plainText(text)).toString();
    for (const type of isTold) {
      const event = readPlain(type, json);
      drawn[event === null ? "left" : "told"] += 1;
      if (event === null) continue;
      const { success, data } = parcelEventSchema.safeParse({ ...JSON.parse(json), type });
      expect(success && toldOf(data), json).toEqual(event);
    }
  };
  fc.assert(fc.property(spoiled, agrees), { numRuns: 5_000, seed: 1, endOnFailure: true });
  expect(drawn.told).toBeGreaterThan(300);
  expect(drawn.left).toBeGreaterThan(1_000);
});

test("whatever is put into one of its names: a text is only made of what the schema takes", () => {
  const drawn = { made: 0, left: 0 };
  const named = fc.tuple(fc.constantFrom(...eventTypes), fc.constantFrom("id", "type", "parcel", "store", "at"), fc.nat(), piece);
  const agrees = ([type, name, place, put]: [ParcelEvent["type"], "id" | "type" | "parcel" | "store" | "at", number, string]) => {
    const event = makeEvent(type);
    const at = place % (event[name].length + 1);
    const changed = { ...event, [name]: event[name].slice(0, at) + put + event[name].slice(at) };
    const made = textOfGood(changed);
    drawn[made === null ? "left" : "made"] += 1;
    expect(made !== null).toBe(parcelEventSchema.safeParse(changed).success);
    if (made !== null) expect(JSON.parse(made.text)).toEqual(changed);
  };
  fc.assert(fc.property(named, agrees), { numRuns: 3_000, seed: 1, endOnFailure: true });
  expect(drawn.made).toBeGreaterThan(300);
  expect(drawn.left).toBeGreaterThan(1_000);
});

test("what is kept of an event is cut out by who reads it, and its store is the text that was expected", () => {
  const event = makeEvent("delivered");
  const { text } = eventText(event);
  const cuts: string[] = [];
  const cut = (from: number, to: number) => {
    cuts.push(text.slice(from, to));
    return text.slice(from, to);
  };
  for (const home of [event.store, `${event.store}s`, event.store.slice(1), ""])
    expect(eventOfText({ text, cut }, home)).toEqual(toldOf(event));
  expect(cuts).toEqual(Array(4).fill(`${event.id}","type":"delivered","parcel":"${event.parcel}`));
});
