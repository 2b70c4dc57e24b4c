/** What the workers share: the first line of stdin is the configuration, each later one a job; they end with stdin, and never outlive the bench. */
import { createInterface } from "node:readline";
import type { z } from "zod";

const TELL_MS = 50;

export const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

export type Work<J> = {
  /** One job at a time; its end is told as `done`, with what it answers. */
  job(job: J): Promise<object>;
  progress?(): object;
};

export async function runWorker<C extends z.ZodType, J extends z.ZodType>(
  schemas: { config: C; job: J },
  start: (config: z.output<C>) => Promise<Work<z.output<J>>>,
): Promise<void> {
  // With an exit of its own, it leaves its CPU profile.
  process.once("SIGTERM", () => process.exit(0));
  let work: Work<z.output<J>> | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    if (work === null) {
      work = await start(schemas.config.parse(JSON.parse(line)));
      say({ msg: "ready" });
      const { progress } = work;
      if (progress !== undefined) setInterval(() => say({ msg: "progress", ...progress() }), TELL_MS);
    } else {
      say({ msg: "done", ...(await work.job(schemas.job.parse(JSON.parse(line)))) });
    }
  }
  process.exit(0);
}
