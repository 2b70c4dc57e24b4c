/** Hands seeds out to worker processes, a few at a time, and gathers what they found. */
import { hash32 } from "@waybill/testkit";
import type { BugName } from "./bugs/catalogue.ts";
import type { Plan } from "./plan/plan.ts";
import type { WorkerProcess } from "./worker-process.ts";
import type { Batch, Failure, Job, Shrunk } from "./worker-protocol.ts";

const SEEDS_PER_JOB = 25;
/** Most bugs are caught within a few. */
const SEEDS_PER_JOB_UNTIL_CAUGHT = 8;
const SCHEDULES_PER_PROGRESS = 1_000;
/** Failures that are made short and told in full. */
const SHOWN_MAX = 3;

export type Many = {
  schedules: number;
  seed: number;
  workers: readonly WorkerProcess[];
  without: readonly number[];
  plan: Plan | null;
  bug: BugName | null;
  /** Nothing more is begun after the first failure. */
  isFirstEnough: boolean;
  /** As soon as it is known: a long run need not be waited for. */
  onFailure?: (failure: Failure) => void;
  /** After each thousand. `upTo`: all seeds up to this one are done. */
  onProgress?: (progress: { schedules: number; upTo: number }) => void;
};
export type Result = {
  schedules: number;
  confirmed: number;
  handled: number;
  tasks: number;
  cpuMs: number;
  /** Of all that happened in all of them, in the order of the seeds. */
  hash: string;
  failures: Failure[];
  shrunk: Shrunk[];
};

export async function runMany(many: Many): Promise<Result> {
  const jobs = jobsOf(many);
  const batches: (Batch | undefined)[] = jobs.map(() => undefined);
  const isCaught = (): boolean => many.isFirstEnough && batches.some((batch) => batch !== undefined && batch.failures.length > 0);
  let next = 0;
  let done = 0;
  const work = async (worker: WorkerProcess): Promise<void> => {
    while (next < jobs.length && !isCaught()) {
      const at = next++;
      const job = jobs[at];
      if (!job) continue;
      const batch = await worker.batch(job);
      batches[at] = batch;
      for (const failure of batch.failures) many.onFailure?.(failure);
      const before = done;
      done += batch.schedules;
      if (Math.floor(done / SCHEDULES_PER_PROGRESS) === Math.floor(before / SCHEDULES_PER_PROGRESS)) continue;
      const open = batches.indexOf(undefined);
      if (open >= 0) many.onProgress?.({ schedules: done, upTo: many.seed + open * seedsPerJob(many) - 1 });
    }
  };
  await Promise.all(many.workers.map(work));
  const result = gather(batches.filter((batch) => batch !== undefined));
  const [worker] = many.workers;
  if (many.plan === null && many.bug === null && worker) {
    for (const { seed } of result.failures.slice(0, SHOWN_MAX)) result.shrunk.push(await worker.shrink(seed, many.without));
  }
  return result;
}

const seedsPerJob = ({ isFirstEnough }: Many): number => (isFirstEnough ? SEEDS_PER_JOB_UNTIL_CAUGHT : SEEDS_PER_JOB);

function jobsOf(many: Many): Job[] {
  const { schedules, seed, without, plan, bug, isFirstEnough } = many;
  if (plan !== null) return [{ kind: "plan", plan, count: bug === null ? 1 : schedules, bug }];
  const each = seedsPerJob(many);
  return Array.from({ length: Math.ceil(schedules / each) }, (_, at) => ({
    kind: "seeds",
    from: seed + at * each,
    count: Math.min(each, schedules - at * each),
    without,
    bug,
    isFirstEnough,
  }));
}

function gather(batches: readonly Batch[]): Result {
  const sum = (of: (batch: Batch) => number): number => batches.reduce((total, batch) => total + of(batch), 0);
  let hash = "";
  for (const batch of batches) hash = hash32(hash + batch.hash).toString(16);
  return {
    schedules: sum(({ schedules }) => schedules),
    confirmed: sum(({ confirmed }) => confirmed),
    handled: sum(({ handled }) => handled),
    tasks: sum(({ tasks }) => tasks),
    cpuMs: sum(({ cpuMs }) => cpuMs),
    hash,
    failures: batches.flatMap(({ failures }) => failures),
    shrunk: [],
  };
}
