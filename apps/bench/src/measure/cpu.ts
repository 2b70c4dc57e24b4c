/** Processor time from outside, so that to ask costs the process nothing; as /proc tells it. NaN where there is none. */
import { readdirSync, readFileSync } from "node:fs";

/** Of Linux, whatever the processor. */
const US_PER_TICK = 10_000;

/** Of a process, over all the threads that it has, in µs. What the process counts itself is in ticks: of a short load nothing, or twice as much. */
export function processCpuUs(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, thread) => sum + threadCpuNs(`/proc/${pid}/task/${thread}`), 0) / 1_000;
  } catch {
    return Number.NaN;
  }
}

/** Nanoseconds on a core, then those of waiting for one, and how often. 0: it has just ended. */
function threadCpuNs(thread: string): number {
  try {
    return Number(readFileSync(`${thread}/schedstat`, "latin1").split(" ")[0]);
  } catch {
    return 0;
  }
}

/** Of a program and of what it started, in µs: its process group, and its children where they left that. */
export async function groupCpuUs(pid: number): Promise<number> {
  try {
    const stats = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(statOf);
    return stats.reduce((sum, stat) => sum + (stat?.parent === pid || stat?.group === pid ? stat.ticks : 0), 0) * US_PER_TICK;
  } catch {
    return Number.NaN;
  }
}

/** proc(5): behind the name in brackets come state, ppid, pgrp, … and, from the 12th, utime, stime, cutime, cstime. `null`: it has ended. */
function statOf(process: string): { parent: number; group: number; ticks: number } | null {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = fields.slice(11, 15).reduce((sum, one) => sum + Number(one), 0);
    return { parent: Number(fields[1]), group: Number(fields[2]), ticks };
  } catch {
    return null;
  }
}
