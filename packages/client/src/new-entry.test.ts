import { expect, test } from "vitest";
import { localTime, newEntry } from "./new-entry.ts";

test("`at` is this device's time with its zone", () => {
  const date = new Date("2026-02-14T08:30:00.123Z");
  const at = localTime(date);
  expect(at).toMatch(/^2026-02-1\dT\d\d:\d\d:00\.123[+-]\d\d:\d\d$/);
  expect(Date.parse(at)).toBe(date.getTime());
  const india = Object.assign(new Date(date), { getTimezoneOffset: () => -330 });
  expect(localTime(india)).toBe("2026-02-14T14:00:00.123+05:30");
  const newfoundland = Object.assign(new Date(date), { getTimezoneOffset: () => 210 });
  expect(localTime(newfoundland)).toBe("2026-02-14T05:00:00.123-03:30");
});

test("id, at and data are made where they are absent, and kept where they are not", () => {
  const { event } = newEntry({ type: "pickup", parcel: "p1", store: "acme" });
  expect(event).toMatchObject({ type: "pickup", parcel: "p1", store: "acme", data: {} });
  expect(event.id).toMatch(/^[0-9a-f-]{36}$/);
  const given = { type: "pickup", parcel: "p1", store: "acme", id: "scan-7", at: "2026-02-14T09:30:00+01:00", data: { items: 2 } } as const;
  expect(newEntry(given).event).toEqual(given);
});

test("trace context is carried, and a field that no event has is refused with its name", () => {
  const scan = { type: "pickup", parcel: "p1", store: "acme" } as const;
  const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  expect(newEntry({ ...scan, trace }).event.trace).toBe(trace);
  expect(() => newEntry({ ...scan, colour: "red" } as never)).toThrow(/colour/);
});

test("what is given as undefined is made all the same", () => {
  const { event } = newEntry({ type: "pickup", parcel: "p1", store: "acme", id: undefined, at: undefined, data: undefined } as never);
  expect(event).toMatchObject({ id: expect.any(String), at: expect.any(String), data: {} });
});

test.each([
  { fields: () => ({ note: "ring twice", extra: { shelf: 3 } }), what: "plain data" },
  {
    fields: () => Object.assign(Object.create({}), { note: "ring twice", extra: { shelf: 3 } }),
    what: "an object with a prototype of its own",
  },
])("what the caller does to its $what later is not in the event", ({ fields }) => {
  const data = fields();
  const given = { type: "pickup", parcel: "p1", store: "acme", id: "e1", at: "2026-05-01T09:30:00+02:00", data } as const;
  const { event, body } = newEntry(given);
  data.note = "changed";
  data.extra.shelf = 4;
  expect(event.data).toEqual({ note: "ring twice", extra: { shelf: 3 } });
  expect(JSON.parse(new TextDecoder().decode(body ?? undefined))).toEqual(event);
});
