import { readFileSync, writeFileSync } from "node:fs";
import { command, exitCodes, runMain, UsageError } from "@waybill/options";
import { type BugName, bugNames } from "./bugs/catalogue.ts";
import { describeFailure, describeShrunk } from "./describe.ts";
import { invariants } from "./judge/history.ts";
import { simOptions } from "./options.ts";
import type { Plan } from "./plan/plan.ts";
import { type Many, type Result, runMany } from "./run-many.ts";
import { WorkerProcess } from "./worker-process.ts";

await runMain(
  command(simOptions, async ({ options }) => {
    const { schedules, seed, bug } = options;
    const without = numbersOf(options.without);
    const plan = planIn(options.plan);
    const workers = Array.from({ length: plan === null ? Math.min(options.workers, schedules) : 1 }, () => new WorkerProcess());
    try {
      const many: Many = { schedules, seed, workers, without, plan, bug: null, isFirstEnough: false };
      if (bug === undefined) return await runAll(many, options.keep);
      if (plan !== null && bug !== "all") return await checkPlan(many, { plan, bug });
      const bugs = bug === "all" ? bugNames : [bug];
      const isEachCaught = options.catches ? await countCatches(many, bugs) : await runBugs(many, bugs);
      return isEachCaught ? exitCodes.ok : exitCodes.failed;
    } finally {
      for (const worker of workers) worker.end();
    }
  }),
);

async function runAll(many: Many, keep: string | undefined): Promise<number> {
  const { schedules, seed } = many;
  const startedMs = performance.now();
  const secondsSince = () => Math.round((performance.now() - startedMs) / 1_000);
  const result = await runMany({
    ...many,
    onFailure: (failure) => process.stderr.write(describeFailure(failure)),
    onProgress: ({ schedules: done, upTo }) =>
      process.stderr.write(`${done} of ${schedules} in ${secondsSince()} s; seeds up to ${upTo} are done.\n`),
  });
  process.stderr.write(describeShrunk(result));
  const [first] = result.shrunk;
  if (keep !== undefined && first) writeFileSync(keep, `${JSON.stringify(first.plan, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(summaryOf(result, { seed, ms: performance.now() - startedMs }))}\n`);
  return result.failures.length === 0 ? exitCodes.ok : exitCodes.failed;
}

function summaryOf({ schedules, confirmed, handled, cpuMs, hash, failures }: Result, { seed, ms }: { seed: number; ms: number }) {
  const found = failures.flatMap(({ findings }) => findings);
  const violations = Object.fromEntries(invariants.map((name) => [name, found.filter(({ invariant }) => invariant === name).length]));
  const perMinute = Math.round((schedules / ms) * 60_000);
  const failingSeeds = failures.map((failure) => failure.seed);
  const [seconds, cpuMsEach] = [Number((ms / 1_000).toFixed(1)), Number((cpuMs / schedules).toFixed(1))];
  return { seed, schedules, seconds, perMinute, cpuMsEach, confirmed, handled, violations, failingSeeds, hash };
}

/** A plan is of use as long as there is a seed with which it is caught by what it is there for, and by nothing else. */
async function checkPlan(many: Many, { plan, bug }: { plan: Plan; bug: BugName }): Promise<number> {
  const { failures } = await runMany({ ...many, bug });
  const [caught] = failures;
  const seed = caught?.seed ?? plan.seed;
  const without = await runMany({ ...many, plan: { ...plan, seed }, bug: null });
  for (const failure of without.failures) process.stderr.write(describeFailure(failure));
  const by = [...new Set(caught?.findings.map(({ invariant }) => invariant))];
  const isClean = without.failures.length === 0;
  const ok = isClean && by.length > 0;
  process.stdout.write(`${JSON.stringify({ ok, bug, seed, by, isClean })}\n`);
  return ok ? exitCodes.ok : exitCodes.failed;
}

/** True: each was caught. A line for each, then all together. */
async function runBugs(many: Many, bugs: readonly BugName[]): Promise<boolean> {
  const caught: Record<string, { schedules: number; by: readonly string[] } | null> = {};
  for (const bug of bugs) {
    const { failures } = await runMany({ ...many, bug, isFirstEnough: true });
    const first = failures.reduce(
      (least, failure) => (failure.seed < least.seed ? failure : least),
      failures[0] ?? { seed: 0, findings: [] },
    );
    const by = [...new Set(first.findings.map(({ invariant }) => invariant))];
    caught[bug] = failures.length > 0 ? { schedules: first.seed - many.seed + 1, by } : null;
    process.stderr.write(`${bug.padEnd(26)} ${caught[bug] ? `${caught[bug].schedules} schedules  ${by.join(" ")}` : "not caught"}\n`);
  }
  const isEachCaught = Object.values(caught).every((one) => one !== null);
  process.stdout.write(`${JSON.stringify({ ok: isEachCaught, seed: many.seed, caught })}\n`);
  return isEachCaught;
}

type Catches = { schedules: number; caught: number; cpuMsPerCatch: number | null; tasksPerCatch: number | null };

/** What the draw of schedules is judged by: how many catch each bug, and what one catch costs. True: each was caught. */
async function countCatches(many: Many, bugs: readonly BugName[]): Promise<boolean> {
  const catches: Record<string, Catches> = {};
  for (const bug of bugs) {
    const { schedules, failures, cpuMs, tasks } = await runMany({ ...many, bug });
    const caught = failures.length;
    const perCatch = (cost: number): number | null => (caught > 0 ? Math.round(cost / caught) : null);
    catches[bug] = { schedules, caught, cpuMsPerCatch: perCatch(cpuMs), tasksPerCatch: perCatch(tasks) };
    process.stderr.write(`${bug.padEnd(26)} ${JSON.stringify(catches[bug])}\n`);
  }
  const isEachCaught = Object.values(catches).every(({ caught }) => caught > 0);
  process.stdout.write(`${JSON.stringify({ ok: isEachCaught, seed: many.seed, catches })}\n`);
  return isEachCaught;
}

function numbersOf(list: string): number[] {
  const words = list.split(",").filter((word) => word !== "");
  const numbers = words.map(Number);
  const wrong = words.find((_, at) => !Number.isInteger(numbers[at]));
  if (wrong !== undefined) throw new UsageError([`--without: "${wrong}" is no step's number.`], "");
  return numbers;
}

/** Written by `--keep`. */
function planIn(path: string | undefined): Plan | null {
  if (path === undefined) return null;
  const plan: Plan = JSON.parse(readFileSync(path, "utf8"));
  if (!Array.isArray(plan.steps)) throw new UsageError([`--plan: ${path} holds no plan; write one with --keep.`], "");
  return plan;
}
