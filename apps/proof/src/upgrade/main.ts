/** Every earlier format of a data folder: opened, and killed at each step of being brought up to date. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, exitCodes, runMain, UsageError } from "@waybill/options";
import { adviseOn } from "../advise.ts";
import { countPoints, killAt, runOf, warmUp } from "../crashpoints/kill-at.ts";
import { spread } from "../crashpoints/points.ts";
import { judge, type Violation } from "../judge/judge.ts";
import { missingStrace } from "../strace/run-child.ts";
import { decodeLines } from "../workload/operation.ts";
import { checkNewer } from "./check-newer.ts";
import { fixtureFormats, unpackFixture } from "./fixtures.ts";
import { upgradeOptions } from "./options.ts";

type Tally = { points: number; taken: number; reached: number; violations: number };

await runMain(
  command(upgradeOptions, async ({ options, signal }) => {
    const unknown = options.format.filter((format) => !fixtureFormats.includes(format));
    if (unknown.length > 0)
      throw new UsageError([`There is no folder of format ${unknown.join(", ")}; there are ${fixtureFormats.join(", ")}.`], "");
    const formats = options.format.length > 0 ? options.format : fixtureFormats;
    const missing = missingStrace();
    const root = mkdtempSync(join(tmpdir(), "waybill-upgrade-"));
    const startedMs = performance.now();
    const tell = (where: string, found: readonly Violation[]): number => {
      for (const { kind, what } of found) process.stdout.write(`${where}: ${kind}: ${what}\n`);
      return found.length;
    };
    try {
      const tallies: Record<string, Tally> = {};
      if (missing === null) await warmUp(root, "migrate");
      for (const format of formats) {
        const tally = { points: 0, taken: 0, reached: 0, violations: tell(`format ${format}`, await openIt(root, format)) };
        tallies[`format ${format}`] = tally;
        const points = missing === null ? await countPoints({ ...runOf(root, "migrate", `dry-${format}`), format }) : [];
        const taken = options.points === "all" ? points : spread(points, options.points, 0);
        tally.points = points.length;
        for (const [done, point] of taken.entries()) {
          if (signal.aborted) break;
          if (process.stderr.isTTY) process.stderr.write(`\rformat ${format}: ${done}/${taken.length} points `);
          const { isReached, found } = await killAt(root, { ...point, format }, options.keep);
          tally.taken += 1;
          if (isReached) tally.reached += 1;
          tally.violations += tell(`format ${format}, before ${point.call} ${point.n}`, found);
        }
        process.stdout.write(
          `format ${format}: opens; killed at ${tally.reached} of ${tally.points} points, ${tally.violations} violations\n`,
        );
      }
      const newer = tell("a newer format", await checkNewer(root, fixtureFormats.at(-1) ?? 1));
      process.stdout.write(`a newer format: ${newer === 0 ? "refused, and left as it was" : `${newer} violations`}\n`);
      if (missing !== null) process.stderr.write(`to kill it at each step, upgrade ${missing}\n`);
      const violations = Object.values(tallies).reduce((sum, one) => sum + one.violations, newer);
      const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
      process.stdout.write(`${JSON.stringify({ ok: violations === 0 && missing === null, violations, seconds, formats: tallies })}\n`);
      if (violations > 0) return exitCodes.failed;
      return missing === null ? exitCodes.ok : exitCodes.refused;
    } finally {
      if (!options.keep) rmSync(root, { recursive: true, force: true });
    }
  }),
  { advise: adviseOn },
);

/** Not killed: all that its history says is there, and it goes on. */
async function openIt(root: string, format: number): Promise<Violation[]> {
  const at = { folder: join(root, `format-${format}`), history: join(root, `format-${format}.history`) };
  unpackFixture(format, at);
  return (await judge(at.folder, decodeLines(readFileSync(at.history, "utf8")))).violations;
}
