/** The points of a script: each n-th call that changes a file, of the thread that changes most. */
import { parseLog } from "../strace/parse-log.ts";
import type { ScriptName } from "../workload/scripts.ts";

/** `write` is left out: SQLite writes with a position, and a plain `write` is the history's. */
export const deadlyCalls = ["pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "unlink"] as const;

/** Before this thread's `n`-th such call. */
export type Point = { script: ScriptName; call: string; n: number };

export function pointsOf(script: ScriptName, log: string): Point[] {
  const counts = new Map<number, Map<string, number>>();
  for (const { pid, name } of parseLog(log)) {
    const ofThread = counts.get(pid) ?? new Map<string, number>();
    counts.set(pid, ofThread);
    ofThread.set(name, (ofThread.get(name) ?? 0) + 1);
  }
  return deadlyCalls.flatMap((call) => {
    const most = Math.max(0, ...[...counts.values()].map((ofThread) => ofThread.get(call) ?? 0));
    return Array.from({ length: most }, (_, i) => ({ script, call, n: i + 1 }));
  });
}

/** So many of them, spread evenly over all; the seed shifts where they begin. */
export function spread(points: readonly Point[], count: number, shift: number): Point[] {
  if (count >= points.length) return [...points];
  const step = points.length / count;
  return Array.from({ length: count }, (_, i) => points[Math.floor((i + shift) * step) % points.length]).filter(
    (point) => point !== undefined,
  );
}
