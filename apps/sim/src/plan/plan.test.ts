import { expect, test } from "vitest";
import { drawPlan } from "./plan.ts";
import { sizes } from "./size.ts";
import { storesOf } from "./step.ts";

const plans = Array.from({ length: 400 }, (_, seed) => drawPlan(seed));

test("the sizes of days share the schedules among them", () => {
  expect(sizes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  expect(new Set(plans.map(({ drivers }) => drivers.length))).toEqual(new Set([1, 2, 3]));
});

test("what is published in a plan is for stores that somebody reads, by programs that it has, and steps come by their time", () => {
  for (const { drivers, vendors, steps } of plans) {
    const stores = storesOf(vendors);
    const names = [...drivers, ...vendors.map(({ name }) => name)];
    for (const step of steps) {
      if ("act" in step && step.act.kind === "publish") {
        expect(stores).toContain(step.act.store);
        expect(names).toContain(step.act.who);
      }
      if ("fault" in step && "who" in step.fault) expect(names).toContain(step.fault.who);
    }
    expect(steps.map(({ atMs }) => atMs)).toEqual(steps.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  }
});
