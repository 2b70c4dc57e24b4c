import type { Plan } from "./plan/plan.ts";
import { type Outcome, runPlan } from "./run-schedule.ts";
import type { Shrunk } from "./worker-protocol.ts";

/** Leaves out what the violation does not need: first in large pieces, then one by one, until nothing more can go. */
export function shrink(plan: Plan, from: ReadonlySet<number>): Shrunk {
  let without = from;
  let outcome = runPlan(plan, without);
  const wanted = new Set(outcome.findings.map(({ invariant }) => invariant));
  const isStill = (tried: Outcome): boolean => tried.findings.some(({ invariant }) => wanted.has(invariant));
  const tryWithout = (some: readonly number[]): boolean => {
    const fewer = new Set([...without, ...some]);
    const tried = fewer.size > without.size ? runPlan(plan, fewer) : null;
    if (tried === null || !isStill(tried)) return false;
    without = fewer;
    outcome = tried;
    return true;
  };
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let hasShrunk = true; hasShrunk; ) {
      hasShrunk = false;
      const left = plan.steps.map((_, number) => number).filter((number) => !without.has(number));
      for (let at = 0; at < left.length; at += size) if (tryWithout(left.slice(at, at + size))) hasShrunk = true;
    }
  }
  const steps = plan.steps.filter((_, number) => !without.has(number));
  const numbers = [...without].sort((a, b) => a - b);
  return { kind: "shrunk", seed: plan.seed, without: numbers, plan: { ...plan, steps }, findings: outcome.findings };
}
