/** What both kinds of worker share: they say how far they are, stop on SIGTERM, and never outlive the replay. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { z } from "zod";

/** Totals over all lives of the worker, from its own files. */
export type Counts = {
  /** Publishes that the hub confirmed. */
  confirmed: number;
  /** Events that stores must see because of it: what was confirmed, jobs taken, jobs handed back. */
  owed: number;
  /** Events applied by its stores. */
  applied: number;
};

/** From the replay: the day may go on so far. */
const toldSchema = z.object({ open: z.int().nonnegative() });
export type Told = z.infer<typeof toldSchema>;

const TELL_MS = 50;
const say = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** Runs until SIGTERM, then closes. An error ends the process with code 1: the replay shows it. */
export async function runWorker(worker: {
  counts(): Counts;
  start(): Promise<void>;
  close(): Promise<void>;
  told?(line: Told): void;
}): Promise<void> {
  let told = "";
  const tell = () => {
    const line = JSON.stringify(worker.counts());
    if (line !== told) say({ msg: "progress", ...worker.counts() });
    told = line;
  };
  // The replay holds the other end of stdin: when that ends, it is gone.
  createInterface({ input: process.stdin })
    .on("line", (line) => worker.told?.(toldSchema.parse(JSON.parse(line))))
    .on("close", () => process.exit(1));
  const stopped = once(process, "SIGTERM");
  const timer = setInterval(tell, TELL_MS);
  tell();
  await worker.start();
  say({ msg: "ready" });
  await stopped;
  clearInterval(timer);
  await worker.close();
  tell();
  process.exit(0);
}

/** At most so many at once: a thousand sockets that open in one instant only stand in each other's way. */
export async function inTurn<T>(items: readonly T[], atOnce: number, run: (item: T) => Promise<unknown>): Promise<void> {
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
}
