/**
 * Kills a process that stores at each of its system calls that change a file, and judges what it left. The points are
 * counted first, by a run that is not killed. What happens behind the confirm is not the same in each run, so a few of
 * the last points may not be reached; they are counted, and nothing is wrong with what they left either.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, exitCodes, runMain } from "@waybill/options";
import { createChance } from "@waybill/testkit";
import { adviseOn } from "../advise.ts";
import { judge, type Violation } from "../judge/judge.ts";
import { type ChildRun, missingStrace, runTraced } from "../strace/run-child.ts";
import { decodeLines } from "../workload/operation.ts";
import { scriptNames } from "../workload/scripts.ts";
import { crashpointsOptions } from "./options.ts";
import { countPoints, type Point, spread } from "./points.ts";

await runMain(
  command(crashpointsOptions, async ({ options, signal }) => {
    const missing = missingStrace();
    if (missing !== null) {
      process.stderr.write(`crashpoints ${missing}\n`);
      return exitCodes.refused;
    }
    const root = mkdtempSync(join(tmpdir(), "waybill-crashpoints-"));
    const startedMs = performance.now();
    try {
      const all = await countAll(root, options.script.length > 0 ? options.script : scriptNames);
      const taken = options.points === "all" ? all : spread(all, options.points, createChance(options.seed).next());
      const tally = new Map(all.map(({ script }) => [script, { points: 0, taken: 0, reached: 0, violations: 0 }]));
      for (const { script } of all) count(tally, script, "points");
      let violations = 0;
      for (const [done, point] of taken.entries()) {
        if (signal.aborted) break;
        if (process.stderr.isTTY) process.stderr.write(`\r${done}/${taken.length} points `);
        const { isReached, found } = await tryPoint(root, point, options.keep);
        count(tally, point.script, "taken");
        if (isReached) count(tally, point.script, "reached");
        for (const { kind, what } of found) {
          violations += 1;
          count(tally, point.script, "violations");
          process.stdout.write(`${point.script}, before ${point.call} ${point.n}: ${kind}: ${what}\n`);
        }
      }
      for (const [script, one] of tally)
        process.stdout.write(
          `${script.padEnd(8)} ${one.reached} reached of ${one.taken} taken of ${one.points} points, ${one.violations} violations\n`,
        );
      const sumOf = (what: "taken" | "reached") => [...tally.values()].reduce((sum, one) => sum + one[what], 0);
      const [tried, reached] = [sumOf("taken"), sumOf("reached")];
      const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
      const scripts = Object.fromEntries(tally);
      process.stdout.write(
        `${JSON.stringify({ ok: violations === 0, seed: options.seed, points: all.length, taken: tried, reached, violations, seconds, scripts })}\n`,
      );
      return violations === 0 && reached > 0 ? exitCodes.ok : exitCodes.failed;
    } finally {
      if (!options.keep) rmSync(root, { recursive: true, force: true });
    }
  }),
  { advise: adviseOn },
);

type Tally = Map<string, { points: number; taken: number; reached: number; violations: number }>;

function count(tally: Tally, script: string, what: "points" | "taken" | "reached" | "violations"): void {
  const one = tally.get(script);
  if (one !== undefined) one[what] += 1;
}

/** The first run only warms the store of compiled code, which would be counted otherwise: writing it changes files too. */
async function countAll(root: string, scripts: readonly Point["script"][]): Promise<Point[]> {
  const all: Point[] = [];
  await runTraced(["-o", join(root, "warm.strace"), "-e", "trace=none"], runOf(root, scripts[0] ?? "open", "warm"));
  for (const script of scripts) {
    const run = runOf(root, script, "dry");
    all.push(...(await countPoints(script, run, `${run.folder}.strace`)));
  }
  return all;
}

async function tryPoint(root: string, point: Point, keep: boolean): Promise<{ isReached: boolean; found: Violation[] }> {
  const run = runOf(root, point.script, `${point.call}-${point.n}`);
  const inject = `inject=${point.call}:signal=SIGKILL:when=${point.n}`;
  const end = await runTraced(["-o", `${run.folder}.strace`, "-e", `trace=${point.call}`, "-e", inject, "-s", "0"], run);
  const isReached = end.signal === "SIGKILL";
  if (!isReached && end.code !== 0) throw new Error(`The script ${point.script} failed on its own:\n${end.stderr}`);
  const { violations } = await judge(run.folder, decodeLines(readFileSync(run.history, { encoding: "utf8", flag: "a+" })));
  if (violations.length === 0 || !keep)
    for (const path of [run.folder, run.history, `${run.folder}.strace`]) rmSync(path, { recursive: true, force: true });
  return { isReached, found: violations };
}

function runOf(root: string, script: Point["script"], name: string): ChildRun {
  const folder = join(root, `${script}-${name}`);
  return { script, folder, history: `${folder}.history`, compiled: join(root, "compiled") };
}
