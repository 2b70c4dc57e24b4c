import { expect, test } from "vitest";
import { genDay } from "./gen-day.ts";
import { isStoreStep, isTaken, isWaiting, plannedParcelSchema, totalsOf } from "./planned-parcel.ts";

const day = (seed: number) => genDay({ seed, parcels: 400, stores: 30, zones: 4 });

test("one seed makes one day, another seed another", () => {
  expect(day(1)).toEqual(day(1));
  expect(day(1)).not.toEqual(day(2));
});

test("every parcel is as a real one: some wait, some are cancelled, most are delivered", () => {
  const plan = day(1);
  for (const planned of plan) expect(plannedParcelSchema.parse(planned)).toEqual(planned);
  const totals = totalsOf(plan);
  expect(totals).toMatchObject({ parcels: 400, zones: 4 });
  expect(totals.waiting).toBeGreaterThan(5);
  expect(plan.filter((planned) => !isTaken(planned) && !isWaiting(planned)).length).toBeGreaterThan(5);
  expect(
    plan.filter(({ steps }) => steps.at(-1)?.type === "cancelled" && steps.some(({ type }) => type === "pickup")).length,
  ).toBeGreaterThan(2);
  expect(plan.filter(({ steps }) => steps.at(-1)?.type === "delivered").length).toBeGreaterThan(300);
});

test("each parcel begins with its store's ready, and only the store cancels", () => {
  for (const { steps } of day(3)) {
    expect(steps[0]?.type).toBe("ready");
    expect(
      steps
        .slice(1)
        .filter(({ type }) => isStoreStep(type))
        .map(({ type }) => type)
        .every((type) => type === "cancelled"),
    ).toBe(true);
  }
});

test("a race's course: every job can be taken and is delivered", () => {
  const course = genDay({ seed: 1, parcels: 100, stores: 8, zones: 3, kind: "all-delivered" });
  expect(totalsOf(course)).toEqual({ parcels: 100, stores: 8, zones: 3, published: 400, taken: 100, waiting: 0 });
});
