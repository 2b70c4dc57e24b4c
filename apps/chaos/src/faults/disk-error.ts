import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** `null`: errors can be injected here. Otherwise what is missing. */
export function whyNoDiskErrors(): string | null {
  const tried = spawnSync("strace", ["-f", "-o", "/dev/null", "-e", "trace=none", "true"]);
  return tried.status === 0 ? null : "needs strace, and the right to trace processes";
}

/** Of each of the process's threads: from which call on, and every how many. */
const failures: Readonly<Record<string, { calls: string; error: string; when: (n: number) => string }>> = {
  sync: { calls: "fsync,fdatasync", error: "EIO", when: () => "1+3" },
  write: { calls: "pwrite64", error: "EIO", when: () => "2+5" },
  read: { calls: "pread64", error: "EIO", when: () => "1+3" },
  "nth-write": { calls: "pwrite64", error: "ENOSPC", when: (n) => `${1 + (n % 20)}+7` },
};

/** For a while some of the process's syncs, writes or reads fail. `n`: the first one, where that is drawn. */
export async function failSyscalls(pid: number, { what, n, lastsMs }: { what: string; n: number; lastsMs: number }): Promise<void> {
  const failure = failures[what];
  if (!failure) throw new TypeError(`There is no disk error ${what}.`);
  const { calls, error, when } = failure;
  const inject = `inject=${calls}:error=${error}:when=${when(n)}`;
  const tracer = spawn("strace", ["-f", "-p", String(pid), "-o", "/dev/null", "-e", `trace=${calls}`, "-e", inject], { stdio: "ignore" });
  const ended = once(tracer, "close");
  await sleep(lastsMs);
  tracer.kill("SIGINT"); // It lets go of the process and ends.
  await ended;
}
