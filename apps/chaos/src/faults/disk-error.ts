import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** `null`: errors can be injected here. Otherwise what is missing. */
export function whyNoDiskErrors(): string | null {
  const tried = spawnSync("strace", ["-f", "-o", "/dev/null", "-e", "trace=none", "true"]);
  return tried.status === 0 ? null : "needs strace, and the right to trace processes";
}

const calls: Readonly<Record<string, string>> = { sync: "fsync,fdatasync", write: "pwrite64" };

/** For a while every third sync, or every fifth write, of each of the process's threads fails with EIO. */
export async function failSyscalls(pid: number, what: string, lastsMs: number): Promise<void> {
  const names = calls[what];
  if (!names) throw new TypeError(`There is no disk error ${what}.`);
  const when = what === "sync" ? "1+3" : "2+5";
  const tracer = spawn(
    "strace",
    ["-f", "-p", String(pid), "-o", "/dev/null", "-e", `trace=${names}`, "-e", `inject=${names}:error=EIO:when=${when}`],
    { stdio: "ignore" },
  );
  const ended = once(tracer, "close");
  await sleep(lastsMs);
  tracer.kill("SIGINT"); // It lets go of the process and ends.
  await ended;
}
