/**
 * Kills what its parent left behind. It reads `+PID` and `-PID` lines; when its input ends, its parent is gone,
 * however that died, and every process still listed is killed. Runs in a process group of its own, so that Ctrl-C spares it.
 */
import { createInterface } from "node:readline";

const living = new Set<number>();
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith("+")) living.add(pid);
  else living.delete(pid);
}
for (const pid of living) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in the meantime.
  }
}
