import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, exitCodes, runMain } from "@waybill/options";
import { genDay } from "../plan/gen-day.ts";
import { loadPlan } from "../plan/load-plan.ts";
import { type PlannedParcel, totalsOf } from "../plan/planned-parcel.ts";
import type { KillKind } from "./kill-plan.ts";
import { type ReplayFlags, replayOptions } from "./options.ts";
import { createProgressBar } from "./progress-bar.ts";
import { runReplay } from "./run-replay.ts";
import { describeRun, summaryOf } from "./verdict-report.ts";

const DRIVERS_EACH = 8;
const RACE = { processes: 5, kills: 40 };

await runMain(
  command(replayOptions, async ({ options, positionals: [file], signal }) => {
    const { seed, idleMs, race } = options;
    const plan = race
      ? raceCourse(options)
      : await loadPlan({ seed, ...(file ? { file } : {}), ...(options.stores ? { stores: options.stores } : {}) });
    const kills = killsOf(options);
    const expected = { ...totalsOf(plan), kills: kills.hub + kills.driver + kills.vendor };
    const driverProcesses = race ? Math.min(RACE.processes, options.racers) : options.drivers;
    const dir = options.dir ?? mkdtempSync(join(tmpdir(), "waybill-replay-"));
    mkdirSync(dir, { recursive: true });
    const out = process.stdout;
    if (out.isTTY)
      out.write(
        `${expected.parcels.toLocaleString("en")} parcels of ${expected.stores.toLocaleString("en")} stores, ${expected.zones} zones.\n`,
      );

    const bar = createProgressBar(expected.published, out);
    const run = await runReplay({
      plan,
      dir,
      seed,
      speed: options.speed,
      driverProcesses,
      driversEach: race ? Math.ceil(options.racers / driverProcesses) : DRIVERS_EACH,
      vendorProcesses: options.vendors,
      race,
      kills,
      hubArgs: options.storage === "memory" ? ["--storage", "memory"] : [],
      idleMs,
      signal,
      onProgress: bar.show,
    });
    bar.end();

    const summary = summaryOf(run, expected, seed);
    if (out.isTTY) out.write(`${describeRun(run, expected)}\n`);
    else if (!summary.ok) process.stderr.write(describeRun(run, expected));
    if (options.dir === undefined && summary.ok) rmSync(dir, { recursive: true, force: true });
    else process.stderr.write(`The run's files: ${dir}\n`);
    out.write(`${JSON.stringify(summary)}\n`);
    return summary.ok ? exitCodes.ok : exitCodes.failed;
  }),
);

function raceCourse({ seed, jobs }: ReplayFlags): PlannedParcel[] {
  return genDay({ seed, parcels: jobs, stores: 8, zones: 3, kind: "all-delivered" });
}

/** Drivers of a race are killed in any case. */
function killsOf({ kill, kills, race }: ReplayFlags): Record<KillKind, number> {
  const each = kill ? kills : 0;
  return { hub: each, driver: race ? Math.max(each, RACE.kills) : each, vendor: each };
}
