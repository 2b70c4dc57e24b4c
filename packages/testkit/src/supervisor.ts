/**
 * Starts programs by path, waits for what they say, kills them and starts them again. Nothing that it started
 * outlives it: `close` stops all, the process's exit kills all, and a reaper process does it when this one is killed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createProgram, type Program, type ProgramOptions } from "./program.ts";

export type Supervisor = AsyncDisposable & {
  start(options: ProgramOptions): Program;
  readonly programs: readonly Program[];
  /** SIGTERM to all that run, in the reverse order of their start, each given `graceMs` before SIGKILL. */
  close(options?: { graceMs?: number }): Promise<void>;
};

export function createSupervisor(): Supervisor {
  const programs: Program[] = [];
  const reaper = startReaper();
  const killAll = () => {
    for (const program of programs) program.signal("SIGKILL");
  };
  process.on("exit", killAll);

  const supervisor: Supervisor = {
    programs,
    start(options) {
      const program = createProgram(options, {
        started: (pid) => reaper.tell(`+${pid}`),
        ended: (pid) => reaper.tell(`-${pid}`),
      });
      programs.push(program);
      return program;
    },
    async close(options = {}) {
      for (const program of programs.toReversed()) await program.stop(options);
      process.off("exit", killAll);
      reaper.end();
    },
    [Symbol.asyncDispose]: () => supervisor.close(),
  };
  return supervisor;
}

function startReaper(): { tell(line: string): void; end(): void } {
  const script = fileURLToPath(new URL("./reaper.ts", import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  child.unref();
  child.stdin?.on("error", () => {
    // Without a reaper only a SIGKILL of this very process can leave orphans.
  });
  return {
    tell: (line) => child.stdin?.write(`${line}\n`),
    end: () => child.stdin?.end(),
  };
}
