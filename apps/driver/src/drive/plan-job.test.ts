import { parcelEventSchema } from "@waybill/events";
import { expect, test } from "vitest";
import { createChance } from "./chance.ts";
import { planJob, planReturn, type Step } from "./plan-job.ts";

const plans = Array.from({ length: 2_000 }, (_, i) => planJob(createChance(`plan/${i}`)));
const shapeOf = (plan: Step[]): string => plan.map((step) => ("handback" in step ? "handback" : step.tell.type)).join(" ");
const counts = Map.groupBy(plans.map(shapeOf), (shape) => shape);

test("a job ends in one of four ways, most of them with a delivery", () => {
  expect([...counts.keys()].sort()).toEqual([
    "handback",
    "pickup in-transit attempt-failed delivered",
    "pickup in-transit attempt-failed returning returned",
    "pickup in-transit delivered",
  ]);
  expect(counts.get("pickup in-transit delivered")?.length).toBeGreaterThan(1_600);
  expect(counts.get("handback")?.length).toBeLessThan(100);
});

test("all that a plan tells is a valid event, and no step takes no time", () => {
  for (const step of [...plans.flat(), ...planReturn(createChance("return"))]) {
    expect(step.afterS).toBeGreaterThan(0);
    if ("handback" in step) continue;
    const event = { ...step.tell, id: "e-1", parcel: "P-1", store: "acme", at: "2026-03-01T08:00:00Z" };
    expect(parcelEventSchema.safeParse(event).error).toBeUndefined();
  }
});

test("the same chance gives the same plan", () => {
  expect(planJob(createChance("plan/7"))).toEqual(plans[7]);
});
