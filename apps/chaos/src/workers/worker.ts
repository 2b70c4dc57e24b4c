/** What all workers share: they say how far they are, stop producing when they are told, and never outlive the run. */
import { createInterface } from "node:readline";
import { z } from "zod";

export type Counts = {
  confirmed: number;
  /** Published and not answered. */
  pending: number;
  applied: number;
  /** Whether its sockets are connected, or will try again by themselves. */
  active: boolean;
  /** All that it wants are, now. */
  connected: boolean;
};

const toldSchema = z.union([z.object({ stop: z.literal(true) }), z.object({ dieBetween: z.literal(true) })]);
const TELL_MS = 100;
const say = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** Runs until it is killed: the run ends with a SIGKILL to all. An error ends the process with code 1, and the run with it. */
export async function runWorker(worker: {
  counts(): Counts;
  start(): Promise<void>;
  /** No more publishes; what is pending goes on. */
  stop(): void;
  /** The next event kills the process, between effect and ack. */
  dieBetween?(): void;
}): Promise<void> {
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      if ("stop" in toldSchema.parse(JSON.parse(line))) worker.stop();
      else worker.dieBetween?.();
    })
    .on("close", () => process.exit(1)); // The supervisor holds the other end: it is gone.
  await worker.start();
  say({ msg: "ready" });
  setInterval(() => say({ msg: "progress", ...worker.counts() }), TELL_MS);
}
