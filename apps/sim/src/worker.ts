/** Runs schedules, one after the other, in a process of its own: its globals are the simulated world's. Started by `run-many.ts`. */
import { hash32 } from "@waybill/testkit";
import { type BugName, plant } from "./bugs/catalogue.ts";
import { plantInSdk } from "./bugs/in-sdk.ts";
import type { Plan } from "./plan/plan.ts";
import type { Outcome } from "./run-schedule.ts";
import { substitute } from "./substitutes.ts";
import type { Answer, Batch, Failure, Job } from "./worker-protocol.ts";

substitute();
const { runPlan } = await import("./run-schedule.ts");
const { drawPlan } = await import("./plan/plan.ts");
const { shrink } = await import("./shrink.ts");

const tell = (answer: Answer): void => void process.send?.(answer);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What was rejected and nobody took: a real process would have died of it. */
const unhandled: string[] = [];
process.on("unhandledRejection", (error) => void unhandled.push(error instanceof Error ? (error.stack ?? error.message) : String(error)));

/** The world's loop must be called by Node's own loop, with no microtask around it. */
const fromLoop = <T>(run: () => T): Promise<T> =>
  new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(run());
      } catch (error) {
        reject(error);
      }
    });
  });

/** Stack traces are for reports: a failure is run again with them. Errors are many on a broken day, and most are expected. */
const STACK_LINES = 10;
Error.stackTraceLimit = 0;

async function withStacks<T>(run: () => Promise<T>): Promise<T> {
  Error.stackTraceLimit = STACK_LINES;
  try {
    return await run();
  } finally {
    Error.stackTraceLimit = 0;
  }
}

async function runOne(plan: Plan, without: ReadonlySet<number>): Promise<Outcome> {
  const outcome = await fromLoop(() => runPlan(plan, without));
  await turn();
  const crashes = unhandled.splice(0).map((message) => ({ invariant: "crash" as const, message }));
  return { ...outcome, findings: [...outcome.findings, ...crashes] };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function runAll(plans: Iterable<Plan>, without: ReadonlySet<number>, isFirstEnough = false): Promise<Batch> {
  const hashes: string[] = [];
  const failures: Failure[] = [];
  const sum = { schedules: 0, confirmed: 0, handled: 0, tasks: 0 };
  const beganMs = cpuMs();
  let reportsMs = 0;
  for (const plan of plans) {
    const outcome = await runOne(plan, without);
    sum.schedules += 1;
    sum.confirmed += outcome.confirmed;
    sum.handled += outcome.handled;
    sum.tasks += outcome.tasks;
    hashes.push(outcome.hash);
    if (outcome.findings.length === 0) continue;
    const reportMs = cpuMs();
    const { findings } = await withStacks(() => runOne(plan, without));
    failures.push({ seed: plan.seed, findings });
    reportsMs += cpuMs() - reportMs;
    if (isFirstEnough) break;
  }
  return { kind: "batch", ...sum, cpuMs: cpuMs() - beganMs - reportsMs, hash: hash32(hashes.join()).toString(16), failures };
}

function* drawn(from: number, count: number): Iterable<Plan> {
  for (let seed = from; seed < from + count; seed++) yield drawPlan(seed);
}

function* withSeeds(plan: Plan, count: number): Iterable<Plan> {
  for (let seed = plan.seed; seed < plan.seed + count; seed++) yield { ...plan, seed };
}

async function runPlanted(bug: BugName | null, run: () => Promise<Batch>): Promise<Batch> {
  plant(bug);
  const pullUp = await plantInSdk(bug);
  try {
    return await run();
  } finally {
    pullUp();
    plant(null);
  }
}

async function work(job: Job): Promise<void> {
  switch (job.kind) {
    case "seeds":
      return tell(await runPlanted(job.bug, () => runAll(drawn(job.from, job.count), new Set(job.without), job.isFirstEnough)));
    case "plan":
      return tell(await runPlanted(job.bug, () => runAll(withSeeds(job.plan, job.count), new Set(), true)));
    case "shrink":
      return tell(await withStacks(() => fromLoop(() => shrink(drawPlan(job.seed), new Set(job.without)))));
  }
}

process.on("message", (job: Job) => {
  work(job).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
});
process.on("disconnect", () => process.exit(0));
tell({ kind: "ready" });
