/**
 * Kills a process that stores at each of its system calls that change a file, and judges what it left. The points are
 * counted first, by a run that is not killed. What happens behind the confirm is not the same in each run, so a few of
 * the last points may not be reached; they are counted, and nothing is wrong with what they left either.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, exitCodes, runMain } from "@waybill/options";
import { createChance } from "@waybill/testkit";
import { adviseOn } from "../advise.ts";
import { missingStrace } from "../strace/run-child.ts";
import type { ScriptName } from "../workload/scripts.ts";
import { countPoints, killAt, runOf, warmUp } from "./kill-at.ts";
import { type CrashScript, crashpointsOptions, crashScripts, scriptTitles } from "./options.ts";
import { type Point, spread } from "./points.ts";

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
      const all = await countAll(root, options.script.length > 0 ? options.script : crashScripts);
      const taken = options.points === "all" ? all : spread(all, options.points, createChance(options.seed).next());
      const tally = new Map(all.map(({ script }) => [script, { points: 0, taken: 0, reached: 0, violations: 0 }]));
      for (const { script } of all) count(tally, script, "points");
      const counted = [...tally].map(([script, { points }]) => `${points} of ${scriptTitles[script]}`);
      process.stdout.write(`${all.length} points: ${counted.join(", ")}\n`);
      let violations = 0;
      for (const [done, point] of taken.entries()) {
        if (signal.aborted) break;
        if (process.stderr.isTTY) process.stderr.write(`\r${done}/${taken.length} points `);
        const { isReached, found } = await killAt(root, point, options.keep);
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
          `${scriptTitles[script].padEnd(24)} ${one.reached} reached of ${one.taken} taken of ${one.points} points, ${one.violations} violations\n`,
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

type Tally = Map<ScriptName, { points: number; taken: number; reached: number; violations: number }>;

function count(tally: Tally, script: ScriptName, what: "points" | "taken" | "reached" | "violations"): void {
  const one = tally.get(script);
  if (one !== undefined) one[what] += 1;
}

async function countAll(root: string, scripts: readonly CrashScript[]): Promise<Point[]> {
  const all: Point[] = [];
  await warmUp(root, scripts[0] ?? "publish");
  for (const script of scripts) all.push(...(await countPoints(runOf(root, script, "dry"))));
  return all;
}
