/** A hub to be measured, in a process of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RunningHub, type StartHubOptions, startHub } from "@waybill/testkit";
import { type Profiling, profilingArgs } from "../measure/profiling.ts";

const READY_MS = 120_000;
/** Node's flags for a process whose memory is measured without its garbage. */
export const gcOnSignal = ["--expose-gc", "--import", fileURLToPath(new URL("../measure/gc-on-signal.ts", import.meta.url))];

export function startBenchHub({ profile, ...options }: StartHubOptions & { profile: Profiling | undefined }): Promise<RunningHub> {
  return startHub({ readyMs: READY_MS, ...options, nodeArgs: [...gcOnSignal, ...profilingArgs(profile)] });
}

export type TempFolder = Disposable & { readonly path: string };

export function tempFolder(): TempFolder {
  const path = mkdtempSync(join(tmpdir(), "waybill-bench-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export async function metricsOf(hub: RunningHub): Promise<string> {
  const answer = await fetch(new URL("/metrics", hub.url));
  return answer.text();
}

/** The sum over a metric's labels, or over those that have `label`. */
export function metricOf(text: string, name: string, label = ""): number {
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.filter((line) => line.includes(label)).reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

/** Processor time of the hub so far, over all its threads, in µs. */
export async function cpuUsOf(hub: RunningHub): Promise<number> {
  return metricOf(await metricsOf(hub), "waybill_process_cpu_seconds_total") * 1e6;
}
