import { mkdirSync } from "node:fs";
import { hubErrors } from "@waybill/events";
import { command, exitCodes, runMain, UsageError } from "@waybill/options";
import { createSupervisor } from "@waybill/testkit";
import { type BenchFlags, benchOptions } from "./options.ts";
import { describeProfiles } from "./report/profiles.ts";
import { isGood, resultsOf, summaryOf } from "./report/result.ts";
import { tableOf } from "./report/table.ts";
import type { Row, Workload } from "./workload.ts";
import { workloads } from "./workloads/catalogue.ts";

await runMain(
  command(benchOptions, async ({ options, positionals, signal }) => {
    const wanted = positionals.map(workloadOf);
    if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
    let isClean = true;
    for (const workload of wanted) isClean = (await measure(workload, options, signal)) && isClean;
    return isClean ? exitCodes.ok : exitCodes.failed;
  }),
  { advise: (code) => Object.entries(hubErrors).find(([known]) => known === code)?.[1].advice },
);

function workloadOf(name: string): Workload {
  const workload = workloads[name];
  if (workload === undefined) throw new UsageError([`There is no workload ${name}; there are ${Object.keys(workloads).join(", ")}.`], "");
  return workload;
}

/** Prints the table and the line of JSON; answers whether every run was exact and in order. */
async function measure(workload: Workload, flags: BenchFlags, signal: AbortSignal): Promise<boolean> {
  const say = (text: string): void => void (flags.json || process.stderr.write(text));
  const { runs, bytes, profile, plant = null } = flags;
  const { events = workload.defaults.events, stores = workload.defaults.stores } = flags;
  const rows: Row[][] = [];
  for (let run = 1; run <= runs; run++) {
    signal.throwIfAborted();
    say(`${workload.name}: run ${run} of ${runs}\n`);
    await using supervisor = createSupervisor();
    const stop = () => void supervisor.close();
    signal.addEventListener("abort", stop);
    rows.push(await workload.run({ events, stores, bytes, plant, profile, supervisor }));
    signal.removeEventListener("abort", stop);
  }
  const results = resultsOf(workload, rows);
  say(tableOf(workload, runs, results));
  if (profile !== undefined) say(describeProfiles(profile));
  process.stdout.write(`${JSON.stringify(summaryOf(workload, runs, results))}\n`);
  return results.every(isGood);
}
