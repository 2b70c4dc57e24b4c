/** Plants bugs one after the other, each in runs that grow until the judge has seen it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ChaosOptions, runChaos } from "../run-chaos.ts";
import { describeRun, summaryOf } from "../verdict.ts";
import { invariants } from "../workers/records.ts";
import { type BugName, bugNames, bugOf } from "./catalogue.ts";

/** Seconds of the runs of one bug, until one of them catches it. */
const ROUNDS_S = [6, 12, 24];
/** With a bug that never drains there is little to wait for. */
const DRAIN_MS = 20_000;

/** True: all of them were caught. Prints a line for each, then all together. */
export async function runBugs(options: Omit<ChaosOptions, "bug">, name: BugName | "all"): Promise<boolean> {
  if (name !== "all") {
    const run = await runChaos({ ...options, bug: name, drainMs: Math.min(options.drainMs, DRAIN_MS) });
    process.stderr.write(describeRun(run));
    process.stdout.write(`${JSON.stringify({ bug: name, ...summaryOf(run) })}\n`);
    return run.judgement.findings.isClean();
  }
  const caught: Record<string, Caught | null> = {};
  for (const bug of bugNames) {
    const found = await untilCaught(options, bug);
    caught[bug] = found;
    process.stderr.write(`${bug.padEnd(28)} ${found ? `${found.seconds} s  ${found.by.join(" ")}` : "not caught"}\n`);
  }
  const missed = Object.values(caught).filter((found) => found === null).length;
  process.stdout.write(`${JSON.stringify({ ok: missed === 0, seed: options.seed, caught })}\n`);
  return missed === 0;
}

/** The invariants that were violated, and how long it took from the first start. */
type Caught = { seconds: number; by: readonly string[] };

async function untilCaught(options: Omit<ChaosOptions, "bug">, bug: BugName): Promise<Caught | null> {
  const startedMs = performance.now();
  for (const seconds of ROUNDS_S) {
    const dir = join(options.dir, `${bug}-${seconds}`);
    mkdirSync(dir, { recursive: true });
    const kinds = options.kinds.filter((kind) => bugOf(bug)?.shownBy.includes(kind));
    const { judgement } = await runChaos({ ...options, kinds, dir, seconds, bug, drainMs: DRAIN_MS });
    const by = invariants.filter((invariant) => judgement.findings.counts[invariant] > 0);
    if (by.some((invariant) => bugOf(bug)?.breaks.includes(invariant)))
      return { seconds: Math.round((performance.now() - startedMs) / 1_000), by };
  }
  return null;
}
