import { expect, test } from "vitest";
import { describeFailure, describeShrunk } from "./describe.ts";
import { drawPlan } from "./plan/plan.ts";

test("a failing seed is told with what was found, the steps that it needs, and how to run it again", () => {
  const findings = [{ invariant: "I1" as const, message: "e1 was confirmed and is gone." }];
  expect(describeFailure({ seed: 7, findings })).toBe("Seed 7: I1: e1 was confirmed and is gone.\n");
  const plan = { ...drawPlan(7), steps: [{ atMs: 40, fault: { kind: "cut" as const, who: "d1" } }] };
  const result = { schedules: 1, confirmed: 1, handled: 0, tasks: 0, cpuMs: 9, hash: "0", failures: [{ seed: 7, findings }] };
  const text = describeShrunk({ ...result, shrunk: [{ kind: "shrunk", seed: 7, without: [0, 2], plan, findings }] });
  expect(text).toContain('40 ms  cut {"who":"d1"}');
  expect(text).toContain("npm run sim -- --schedules 1 --seed 7 --without 0,2\n");
});

test("a plan is its seed's alone", () => {
  expect(drawPlan(7)).toEqual(drawPlan(7));
  expect(drawPlan(7)).not.toEqual(drawPlan(8));
});
