import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { hubErrors } from "@waybill/events";
import { command, exitCodes, runMain, UsageError } from "@waybill/options";
import { createSupervisor } from "@waybill/testkit";
import { axesOf } from "./load/axes.ts";
import type { Profiling } from "./measure/profiling.ts";
import { type BenchFlags, benchOptions } from "./options.ts";
import { choosePeers, peerNames } from "./peers/catalogue.ts";
import { installClients } from "./peers/client-modules.ts";
import type { Peer } from "./peers/peer.ts";
import { writePage } from "./report/page.ts";
import { describeProfiles } from "./report/profiles.ts";
import { isClean, resultsOf, summaryOf } from "./report/result.ts";
import { tableOf } from "./report/table.ts";
import type { Row, Workload } from "./workload.ts";
import { workloads } from "./workloads/catalogue.ts";

const docs = fileURLToPath(new URL("../../../docs/", import.meta.url));

await runMain(
  command(benchOptions, async ({ options, positionals, signal }) => {
    const wanted = positionals.map(workloadOf);
    const say = (text: string): void => void (options.json || process.stderr.write(text));
    const { peers, missing } = await choosePeers(namesOf(options.peers));
    if (peers.some(({ needsClients }) => needsClients)) await installClients(say);
    for (const line of missing) process.stderr.write(`${line}\n`);
    const profile = profilingOf(options);
    if (profile !== undefined) mkdirSync(profile.folder, { recursive: true });
    let areClean = true;
    for (const workload of wanted) areClean = (await measure(workload, { flags: options, profile, peers, say, signal })) && areClean;
    return areClean ? exitCodes.ok : exitCodes.failed;
  }),
  { advise: (code) => Object.entries(hubErrors).find(([known]) => known === code)?.[1].advice },
);

function workloadOf(name: string): Workload {
  const workload = workloads[name];
  if (workload === undefined) throw new UsageError([`There is no workload ${name}; there are ${Object.keys(workloads).join(", ")}.`], "");
  return workload;
}

function profilingOf({ profile, allocations }: BenchFlags): Profiling | undefined {
  if (profile !== undefined && allocations !== undefined)
    throw new UsageError(["--profile and --allocations disturb each other; give one of them in a run."], "");
  if (allocations !== undefined) return { of: "allocations", folder: allocations };
  return profile === undefined ? undefined : { of: "time", folder: profile };
}

function namesOf(list: string): string[] {
  const names = list.split(",").filter((name) => name !== "");
  const known = ["all", ...peerNames];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new UsageError([`There is no peer ${unknown.join(", ")}; there are ${known.join(", ")}.`], "");
  return names;
}

type Measuring = {
  flags: BenchFlags;
  profile: Profiling | undefined;
  peers: readonly Peer[];
  say: (text: string) => void;
  signal: AbortSignal;
};

/** Prints the table and the line of JSON; answers whether every run of Waybill was exact and in order. */
async function measure(workload: Workload, { flags, profile, say, signal, ...all }: Measuring): Promise<boolean> {
  const peers = all.peers.filter((peer) => workload.fits?.(peer));
  const { runs, bytes, plant = null, rate } = flags;
  const { events = workload.defaults.events, stores = workload.defaults.stores } = flags;
  const axes = axesOf(flags);
  const rows: Row[][] = [];
  for (let run = 1; run <= runs; run++) {
    signal.throwIfAborted();
    say(`${workload.name}: run ${run} of ${runs}\n`);
    await using supervisor = createSupervisor();
    const stop = () => void supervisor.close();
    signal.addEventListener("abort", stop);
    rows.push(await workload.run({ events, stores, bytes, plant, axes, rate, profile, supervisor, peers, signal, say }));
    signal.removeEventListener("abort", stop);
  }
  const results = resultsOf(workload, rows);
  say(tableOf(workload, runs, results));
  if (profile !== undefined) say(describeProfiles(profile.folder));
  if (flags.write) writePage(docs, { workload, results, runs, events });
  process.stdout.write(`${JSON.stringify(summaryOf(workload, runs, results))}\n`);
  return isClean(results);
}
