/** A process that runs schedules, as the command sees it: one job, one answer. */
import { type ChildProcess, fork } from "node:child_process";
import type { Answer, Batch, Job, Shrunk } from "./worker-protocol.ts";

export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #answers: Answer[] = [];
  #heard: (() => void) | null = null;
  #why: Error | null = null;

  constructor() {
    this.#child = fork(new URL("./worker.ts", import.meta.url), {
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
