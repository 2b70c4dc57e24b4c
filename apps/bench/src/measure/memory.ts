/** What a process holds, by Linux's own word or by `ps`, which macOS has as well. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Program } from "@waybill/testkit";
import { spreadOf } from "./medians.ts";

const run = promisify(execFile);
const KB_PER_MB = 1_024;
/** After a collection the pages go back within this time. */
const SETTLE_MS = 300;
const SAMPLES = 5;
const SAMPLE_MS = 50;

/** Resident memory, in MB. A program started twenty times a second to ask for it would be part of what is measured. */
export async function memoryMb(pid: number): Promise<number> {
  const status = process.platform === "linux" ? await readFile(`/proc/${pid}/status`, "utf8") : "";
  const [, kb] = /^VmRSS:\s*(\d+) kB$/m.exec(status) ?? [];
  if (kb !== undefined) return Number(kb) / KB_PER_MB;
  const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout.trim()) / KB_PER_MB;
}

/** The hub was started with `gc-on-signal.ts`: garbage is collected first; then the median of five samples. */
export async function settledMemoryMb(hub: Program): Promise<number> {
  for (let round = 0; round < 2; round++) {
    process.kill(hub.pid, "SIGUSR2");
    await sleep(SETTLE_MS);
  }
  const samples: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    samples.push(await memoryMb(hub.pid));
    await sleep(SAMPLE_MS);
  }
  return spreadOf(samples).median;
}

/** The most that it holds between the call and `stop`, in MB. */
export function watchMemory(pid: number): { stop(): Promise<number> } {
  let peakMb = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      peakMb = Math.max(peakMb, await memoryMb(pid).catch(() => 0));
      await sleep(SAMPLE_MS);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
      return peakMb;
    },
  };
}
