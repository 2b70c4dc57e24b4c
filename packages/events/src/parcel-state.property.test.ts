import fc from "fast-check";
import { expect, test } from "vitest";
import { makeEvent } from "../test/make-event.ts";
import { eventTypes, type ParcelEvent } from "./parcel-events.ts";
import { flagsMax, foldParcel, isFinal, newParcel, type ParcelState } from "./parcel-state.ts";

/** Any sequence of good events, with clocks that jump about within a day. */
const history = fc.array(
  fc
    .record({ type: fc.constantFrom(...eventTypes), minute: fc.integer({ min: 0, max: 1_439 }), id: fc.integer({ min: 0, max: 20 }) })
    .map(({ type, minute, id }) => makeEvent(type, { id: `e-${id}`, at: new Date(Date.UTC(2026, 4, 1, 0, minute)).toISOString() })),
  { maxLength: 60 },
);

/** Each step with its event; throws if the fold does. */
const steps = (events: readonly ParcelEvent[]) => {
  let state: ParcelState = newParcel;
  return events.map((event) => {
    const before = state;
    state = foldParcel(before, event);
    return { event, before, after: state };
  });
};

test("every event moves the parcel or is flagged, and is counted", () => {
  fc.assert(
    fc.property(history, (events) => {
      for (const { event, before, after } of steps(events)) {
        if (event.type === "message") {
          expect(after).toBe(before);
          continue;
        }
        expect(after.counts[event.type]).toBe(before.counts[event.type] + 1);
        const isFlagged = after.flagged === before.flagged + 1;
        if (isFlagged) expect(after.flags.at(-1)).toMatchObject({ id: event.id, type: event.type, at: event.at });
        else expect(after).toMatchObject({ since: event.at, flagged: before.flagged });
        expect(after.status !== before.status || isFlagged || event.type === "attempt-failed").toBe(true);
        expect(after.flags.length).toBe(Math.min(after.flagged, flagsMax));
      }
    }),
  );
});

test("a final status is never left silently, and delivered and returned never at all", () => {
  fc.assert(
    fc.property(history, (events) => {
      for (const { before, after } of steps(events)) {
        if (!isFinal(before.status) || after.status === before.status) continue;
        expect(before.status).toBe("cancelled");
        expect(after.flagged).toBe(before.flagged + 1);
      }
    }),
  );
});

test("folding is deterministic, changes nothing that it was given, and may stop and go on anywhere", () => {
  fc.assert(
    fc.property(history, fc.nat(60), (events, cut) => {
      const frozen = events.map((event) => Object.freeze(event));
      const whole = frozen.reduce(foldParcel, Object.freeze({ ...newParcel }));
      const half = structuredClone(frozen.slice(0, cut).reduce(foldParcel, newParcel));
      expect(frozen.slice(cut).reduce(foldParcel, half)).toEqual(whole);
    }),
  );
});

test("messages change nothing wherever they stand", () => {
  fc.assert(
    fc.property(history, (events) => {
      const scans = events.filter(({ type }) => type !== "message");
      expect(scans.reduce(foldParcel, newParcel)).toEqual(events.reduce(foldParcel, newParcel));
    }),
  );
});
