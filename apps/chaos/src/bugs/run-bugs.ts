/** Plants bugs one after the other, each in runs that grow until the judge has seen it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ChaosOptions, runChaos } from "../run-chaos.ts";
import { describeRun, summaryOf } from "../verdict.ts";
import { invariants } from "../workers/records.ts";
import { type Bug, type BugName, bugNames, bugs, faultsOf } from "./catalogue.ts";

/** Seconds of the runs of one bug, until one of them catches it. */
const ROUNDS_S = [10, 20, 30];
/** With a bug that never drains there is little to wait for. */
const DRAIN_MS = 20_000;
/** A bug shows by the kind of what is done, not by the amount; the fewer events, the sooner they are judged. */
const RATE_MAX = 150;

/** True: all of them were caught. Prints a line for each, then all together. */
export async function runBugs(options: Omit<ChaosOptions, "bug">, name: BugName | "all"): Promise<boolean> {
  if (name !== "all") {
    const run = await runChaos({ ...withLittle(options), bug: name });
    process.stderr.write(describeRun(run));
    process.stdout.write(`${JSON.stringify({ bug: name, ...summaryOf(run) })}\n`);
    return run.judgement.findings.isClean();
  }
  const caught: Record<string, Caught | null> = {};
  for (const bug of bugNames) {
    const found = await untilCaught(options, bug);
    caught[bug] = found;
    process.stderr.write(`${bug.padEnd(28)} ${found ? `${found.seconds} s  ${found.by.join(", ")}` : "not caught"}\n`);
  }
  const missed = Object.values(caught).filter((found) => found === null).length;
  process.stdout.write(`${JSON.stringify({ ok: missed === 0, seed: options.seed, caught })}\n`);
  return missed === 0;
}

const withLittle = (options: Omit<ChaosOptions, "bug">) => ({
  ...options,
  rate: Math.min(options.rate, RATE_MAX),
  drainMs: Math.min(options.drainMs, DRAIN_MS),
});

/** Seconds from the first start; what was seen of that which the bug breaks, and what else. */
type Caught = { seconds: number; by: readonly string[]; also: readonly string[] };

async function untilCaught(options: Omit<ChaosOptions, "bug">, name: BugName): Promise<Caught | null> {
  const startedMs = performance.now();
  const { breaks }: Bug = bugs[name];
  for (const seconds of ROUNDS_S) {
    const dir = join(options.dir, `${name}-${seconds}`);
    mkdirSync(dir, { recursive: true });
    const kinds = options.kinds.filter((kind) => faultsOf(name).includes(kind));
    const { judgement } = await runChaos({ ...withLittle(options), kinds, dir, seconds, bug: name });
    const { counts, seen } = judgement.findings;
    const found = [...invariants.filter((invariant) => counts[invariant] > 0), ...seen];
    const isOwn = (one: (typeof found)[number]) => breaks.includes(one);
    if (!found.some(isOwn)) continue;
    const took = Math.round((performance.now() - startedMs) / 1_000);
    return { seconds: took, by: found.filter(isOwn), also: found.filter((one) => !isOwn(one)) };
  }
  return null;
}
