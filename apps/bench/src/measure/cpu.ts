/** Processor time from outside, so that to ask costs the process nothing; as /proc tells it. NaN where there is none. */
import { readdirSync, readFileSync } from "node:fs";

/** Of Linux, whatever the processor. */
const US_PER_TICK = 10_000;

/** Of a process, over all its threads, in µs. */
export function processCpuUs(pid: number): number {
  const stat = statOf(String(pid));
  return stat === null ? Number.NaN : stat.ownTicks * US_PER_TICK;
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
function statOf(process: string): { parent: number; group: number; ownTicks: number; ticks: number } | null {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [user = 0, system = 0, ...ofChildren] = fields.slice(11, 15).map(Number);
    const ownTicks = user + system;
    return { parent: Number(fields[1]), group: Number(fields[2]), ownTicks, ticks: ofChildren.reduce((sum, one) => sum + one, ownTicks) };
  } catch {
    return null;
  }
}
