import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, exitCodes, runMain, UsageError } from "@waybill/options";
import { genDay } from "../plan/gen-day.ts";
import { loadPlan } from "../plan/load-plan.ts";
import { type PlannedParcel, totalsOf } from "../plan/planned-parcel.ts";
import { BadFileError } from "../plan/read-orders.ts";
import type { KillKind } from "./kill-plan.ts";
import { type ReplayFlags, replayOptions } from "./options.ts";
import { createProgressBar } from "./progress-bar.ts";
import { runReplay } from "./run-replay.ts";
import { describeRun, type Expected, summaryOf } from "./verdict-report.ts";

const DRIVERS_EACH = 8;
const RACE = { processes: 5, kills: 40 };

await runMain(
  command(replayOptions, async ({ options, positionals: [file], signal }) => {
    const { seed, speed, race, vendors, idleMs, storage } = options;
    const plan = await planOf(options, file);
    const kills = killsOf(options);
    const expected: Expected = { ...totalsOf(plan), kills: kills.hub + kills.driver + kills.vendor };
    const dir = folderOf(options);
    const out = process.stdout;
    if (out.isTTY) out.write(introduction(expected));

    const bar = createProgressBar(expected.published, out);
    const run = await runReplay({
      plan,
      dir,
      seed,
      speed,
      ...driversOf(options),
      vendorProcesses: vendors,
      race,
      kills,
      hubArgs: ["--storage", storage, "--ballast-mb", "1"],
      idleMs,
      signal,
      onProgress: bar.show,
    }).catch((error: unknown) => {
      leaveFiles({ dir, isKept: !signal.aborted || options.dir !== undefined });
      throw error;
    });
    bar.end();

    const summary = summaryOf(run, expected, seed);
    if (out.isTTY) out.write(`${describeRun(run, expected)}\n`);
    else if (!summary.ok) process.stderr.write(describeRun(run, expected));
    leaveFiles({ dir, isKept: !summary.ok || options.dir !== undefined });
    out.write(`${JSON.stringify(summary)}\n`);
    return summary.ok ? exitCodes.ok : exitCodes.failed;
  }),
);

async function planOf({ seed, race, jobs, stores }: ReplayFlags, file: string | undefined): Promise<readonly PlannedParcel[]> {
  if (race && file !== undefined)
    throw new UsageError(["--race makes its own jobs and takes no file."], "All options: npm run replay -- --help");
  if (race) return genDay({ seed, parcels: jobs, stores: 8, zones: 3, kind: "all-delivered" });
  try {
    return await loadPlan({ seed, ...(file === undefined ? {} : { file }), ...(stores === undefined ? {} : { stores }) });
  } catch (error) {
    if (error instanceof BadFileError) throw new UsageError([error.message], "The columns: docs/replay.md");
    throw error;
  }
}

/** Drivers of a race are killed in any case. */
function killsOf({ kill, kills, race }: ReplayFlags): Record<KillKind, number> {
  const each = kill ? kills : 0;
  return { hub: each, driver: race ? Math.max(each, RACE.kills) : each, vendor: each };
}

function driversOf({ race, racers, drivers }: ReplayFlags): { driverProcesses: number; driversEach: number } {
  if (!race) return { driverProcesses: drivers, driversEach: DRIVERS_EACH };
  const driverProcesses = Math.min(RACE.processes, racers);
  return { driverProcesses, driversEach: Math.ceil(racers / driverProcesses) };
}

/** What another run left would be read as this one's. */
function folderOf({ dir }: ReplayFlags): string {
  if (dir === undefined) return mkdtempSync(join(tmpdir(), "waybill-replay-"));
  mkdirSync(dir, { recursive: true });
  if (readdirSync(dir).length > 0) throw new UsageError([`--dir: ${dir} is not empty; name a new folder for each run.`], "");
  return dir;
}

/** Who has something to look into is told where; who has not finds nothing left behind. */
function leaveFiles({ dir, isKept }: { dir: string; isKept: boolean }): void {
  if (isKept) process.stderr.write(`The run's files: ${dir}\n`);
  else rmSync(dir, { recursive: true, force: true });
}

function introduction({ parcels, stores, zones, published, kills }: Expected): string {
  const count = (value: number, word: string) => `${value.toLocaleString("en")} ${word}`;
  const killed = kills > 0 ? `, ${count(kills, "kills")}` : "";
  return `${count(parcels, "parcels")} of ${count(stores, "stores")} in ${count(zones, "zones")}: ${count(published, "events")} to publish${killed}.\n`;
}
