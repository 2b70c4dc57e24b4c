/** Hands seeds out to worker processes, a few at a time, and gathers what they found. */
import { type ChildProcess, fork } from "node:child_process";
import { hash32 } from "@waybill/testkit";
import type { BugName } from "./bugs/catalogue.ts";
import type { Plan } from "./plan/plan.ts";
import type { Answer, Batch, Failure, Job, Shrunk } from "./worker-protocol.ts";

const SEEDS_PER_JOB = 25;
const SCHEDULES_PER_PROGRESS = 10_000;
/** Failures that are made short and told in full. */
const SHOWN_MAX = 3;

export type Many = {
  schedules: number;
  seed: number;
  workers: number;
  without: readonly number[];
  plan: Plan | null;
  bug: BugName | null;
  /** As soon as it is known: a long run need not be waited for. */
  onFailure?: (failure: Failure) => void;
  /** After each ten thousand. `upTo`: all seeds up to this one are done. */
  onProgress?: (progress: { schedules: number; upTo: number }) => void;
};
export type Result = {
  schedules: number;
  confirmed: number;
  handled: number;
  /** Of all that happened in all of them, in the order of the seeds. */
  hash: string;
  failures: Failure[];
  shrunk: Shrunk[];
};

export async function runMany(many: Many): Promise<Result> {
  const jobs = jobsOf(many);
  const batches: (Batch | undefined)[] = jobs.map(() => undefined);
  const isCaught = (): boolean => many.bug !== null && batches.some((batch) => batch !== undefined && batch.failures.length > 0);
  let next = 0;
  let done = 0;
  const workers = Array.from({ length: Math.min(many.workers, jobs.length) }, () => new Worker(many.bug));
  const work = async (worker: Worker): Promise<void> => {
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
      if (open >= 0) many.onProgress?.({ schedules: done, upTo: many.seed + open * SEEDS_PER_JOB - 1 });
    }
  };
  try {
    await Promise.all(workers.map(work));
    const result = gather(batches.filter((batch) => batch !== undefined));
    const [worker] = workers;
    if (many.plan === null && many.bug === null && worker) {
      for (const { seed } of result.failures.slice(0, SHOWN_MAX)) result.shrunk.push(await worker.shrink(seed, many.without));
    }
    return result;
  } finally {
    for (const worker of workers) worker.end();
  }
}

function jobsOf({ schedules, seed, without, plan }: Many): Job[] {
  if (plan !== null) return [{ kind: "plan", plan }];
  return Array.from({ length: Math.ceil(schedules / SEEDS_PER_JOB) }, (_, at) => ({
    kind: "seeds",
    from: seed + at * SEEDS_PER_JOB,
    count: Math.min(SEEDS_PER_JOB, schedules - at * SEEDS_PER_JOB),
    without,
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
    hash,
    failures: batches.flatMap(({ failures }) => failures),
    shrunk: [],
  };
}

class Worker {
  readonly #child: ChildProcess;
  readonly #answers: Answer[] = [];
  #heard: (() => void) | null = null;
  #why: Error | null = null;

  constructor(bug: BugName | null) {
    this.#child = fork(new URL("./worker.ts", import.meta.url), [bug ?? ""], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // A schedule leaves nothing behind: a larger nursery lets most of it die young. Measured: a tenth less time.
      execArgv: ["--max-semi-space-size=64"],
    });
    this.#child.on("message", (answer: Answer) => {
      if (answer.kind !== "ready") this.#answers.push(answer);
      this.#heard?.();
    });
    this.#child.on("exit", (code, signal) => {
      this.#why = new Error(`A worker ended (${signal ?? `code ${code}`}); what it wrote stands above.`);
      this.#heard?.();
    });
  }

  async batch(job: Job): Promise<Batch> {
    const answer = await this.#ask(job);
    if (answer.kind !== "batch") throw new Error(`A worker answered ${answer.kind} to ${job.kind}.`);
    return answer;
  }

  async shrink(seed: number, without: readonly number[]): Promise<Shrunk> {
    const answer = await this.#ask({ kind: "shrink", seed, without });
    if (answer.kind !== "shrunk") throw new Error(`A worker answered ${answer.kind} to shrink.`);
    return answer;
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  async #ask(job: Job): Promise<Answer> {
    this.#child.send(job);
    for (;;) {
      const answer = this.#answers.shift();
      if (answer) return answer;
      if (this.#why) throw this.#why;
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }
}
