/** Runs a script under strace: to its end, to count its points; or until it is killed at one of them, to judge what it left. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { judge, type Violation } from "../judge/judge.ts";
import { type ChildRun, runTraced } from "../strace/run-child.ts";
import { unpackFixture } from "../upgrade/fixtures.ts";
import { decodeLines } from "../workload/operation.ts";
import type { ScriptName } from "../workload/scripts.ts";
import { deadlyCalls, type Point, pointsOf } from "./points.ts";

/** `format`: of the folder that the script starts from; without it there is none. */
export type ScriptRun = ChildRun & { script: ScriptName; format?: number };

export function runOf(root: string, script: ScriptName, name: string): ScriptRun {
  const folder = join(root, `${script}-${name}`);
  const run = { script, folder, history: `${folder}.history`, compiled: join(root, "compiled") };
  return script === "migrate" ? { ...run, format: 1 } : run;
}

function layOut(run: ScriptRun): void {
  if (run.format !== undefined) unpackFixture(run.format, run);
}

/** A run that only warms the store of compiled code, which would be counted otherwise: writing it changes files too. */
export async function warmUp(root: string, script: ScriptName): Promise<void> {
  const run = runOf(root, script, "warm");
  layOut(run);
  await runTraced(["-o", join(root, "warm.strace"), "-e", "trace=none"], run);
}

/** Runs the script once to its end and counts. */
export async function countPoints(run: ScriptRun): Promise<Point[]> {
  const log = `${run.folder}.strace`;
  layOut(run);
  const end = await runTraced(["-o", log, "-e", `trace=${deadlyCalls.join(",")}`, "-e", "signal=none", "-s", "0"], run);
  if (end.code !== 0) throw new Error(`The script ${run.script} does not even run to its end:\n${end.stderr}`);
  return pointsOf(run.script, readFileSync(log, "utf8"));
}

export async function killAt(
  root: string,
  point: Point & { format?: number },
  keep: boolean,
): Promise<{ isReached: boolean; found: Violation[] }> {
  const run: ScriptRun = runOf(root, point.script, `${point.format ?? ""}-${point.call}-${point.n}`);
  if (point.format !== undefined) run.format = point.format;
  layOut(run);
  const inject = `inject=${point.call}:signal=SIGKILL:when=${point.n}`;
  const end = await runTraced(["-o", `${run.folder}.strace`, "-e", `trace=${point.call}`, "-e", inject, "-s", "0"], run);
  const isReached = end.signal === "SIGKILL";
  if (!isReached && end.code !== 0) throw new Error(`The script ${point.script} failed on its own:\n${end.stderr}`);
  const { violations } = await judge(run.folder, decodeLines(readFileSync(run.history, { encoding: "utf8", flag: "a+" })));
  if (violations.length === 0 || !keep)
    for (const path of [run.folder, run.history, `${run.folder}.strace`]) rmSync(path, { recursive: true, force: true });
  return { isReached, found: violations };
}
