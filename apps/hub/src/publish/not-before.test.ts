import { limits, type ParcelEvent, toJsonBytes } from "@waybill/events";
import { expect, test } from "vitest";
import { checkDelay, findable, notBeforeMsOf } from "./not-before.ts";

const notBefore = "2026-05-01T09:30:00+02:00";
const event: ParcelEvent = {
  id: "m-1",
  type: "message",
  parcel: "p-1",
  store: "acme",
  at: "2026-05-01T07:00:00Z",
  data: { text: "We open at nine." },
};
const bytes = (text: string) => new TextEncoder().encode(text);

test("the time is found in the body, in whichever zone it is told, and whatever stands around it", () => {
  expect(notBeforeMsOf(toJsonBytes({ ...event, notBefore }))).toBe(Date.UTC(2026, 4, 1, 7, 30));
  expect(notBeforeMsOf(bytes(`{"notBefore":"${notBefore}"}`))).toBe(Date.UTC(2026, 4, 1, 7, 30));
  expect(notBeforeMsOf(bytes(`{"a":"B","BB":1, "notBefore" : "${notBefore}"}`))).toBe(Date.UTC(2026, 4, 1, 7, 30));
});

test("an event without it has none, also when it speaks of it", () => {
  expect(notBeforeMsOf(toJsonBytes(event))).toBeUndefined();
  expect(notBeforeMsOf(toJsonBytes({ ...event, data: { text: "B" } }))).toBeUndefined();
  expect(notBeforeMsOf(toJsonBytes({ ...event, data: { text: '"notBefore"', extra: { notBefore: 1 } } }))).toBeUndefined();
  expect(notBeforeMsOf(bytes("{}"))).toBeUndefined();
});

test("a body that spells the field with escapes is written anew; every other is kept as it came", () => {
  const escaped = bytes(JSON.stringify({ ...event, notBefore }).replace("notBefore", "not\\u0042efore"));
  expect(notBeforeMsOf(escaped)).toBeUndefined();
  const kept = findable({ ...event, notBefore }, escaped);
  expect(notBeforeMsOf(kept)).toBe(Date.UTC(2026, 4, 1, 7, 30));
  expect(JSON.parse(new TextDecoder().decode(kept))).toEqual({ ...event, notBefore });
  for (const one of [event, { ...event, notBefore }]) {
    const body = toJsonBytes(one);
    expect(findable(one, body)).toBe(body);
  }
});

test("30 days ahead are allowed, and not a millisecond more; what is over is no fault", () => {
  const at = (ms: number) => ({ ...event, notBefore: new Date(ms).toISOString() });
  checkDelay(at(1_000 + limits.delayMsMax), 1_000);
  checkDelay(at(0), 1_000);
  checkDelay(event, 1_000);
  expect(() => checkDelay(at(1_001 + limits.delayMsMax), 1_000)).toThrow(
    /`notBefore` is 1970-01-31T.*more than 30 days after the hub's time/,
  );
});
