/**
 * Runs a shell command for one event. The command and all that it starts form one process group, so that a kill reaches
 * them all and a Ctrl-C on the terminal reaches only this program, which lets the running commands finish.
 */
import { spawn } from "node:child_process";
import { limits } from "@waybill/events";

export type CommandResult = { outcome: "ok" } | { outcome: "failed" | "aborted"; reason: string };

export type RunCommandOptions = {
  command: string;
  /** Written to its stdin, which is then closed. */
  input: string;
  env: NodeJS.ProcessEnv;
  /** Kills it: the lease was lost, somebody else has the event or will. */
  signal: AbortSignal;
  /** Kills it after so long; it then counts as failed. Default: never, its lease is extended while it runs. */
  timeoutMs?: number;
  /** The file descriptor that its output goes to. */
  stdoutFd: number;
  /** Its errors are read here for the reason, and passed on. */
  onStderr(text: string): void;
};

/** After SIGTERM, before SIGKILL. */
const GRACE_MS = 5_000;
/** After its exit, for what is still in the pipe. */
const LAST_WORDS_MS = 1_000;
const STDERR_TAIL_CHARS = 4 * limits.reasonCharsMax;

/** Exit code 0 is `ok`; all else fails with the last line of its stderr, or how it ended, as the reason. Never rejects. */
export function runCommand(options: RunCommandOptions): Promise<CommandResult> {
  const { command, signal, timeoutMs } = options;
  if (signal.aborted) return Promise.resolve({ outcome: "aborted", reason: "the lease was lost before the command started" });

  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const child = spawn(command, { shell: true, detached: true, stdio: ["pipe", options.stdoutFd, "pipe"], env: options.env });
  let ended: "by itself" | "aborted" | "timed out" = "by itself";
  let stderrTail = "";
  let killTimer: NodeJS.Timeout | undefined;
  let lastWordsTimer: NodeJS.Timeout | undefined;

  const kill = (why: typeof ended): void => {
    ended = why;
    killGroup(child.pid, "SIGTERM");
    killTimer = setTimeout(() => killGroup(child.pid, "SIGKILL"), GRACE_MS);
  };
  const onAbort = (): void => kill("aborted");
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => kill("timed out"), timeoutMs);
  const finish = (result: CommandResult): void => {
    clearTimeout(timer);
    clearTimeout(killTimer);
    clearTimeout(lastWordsTimer);
    signal.removeEventListener("abort", onAbort);
    resolve(result);
  };

  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderrTail = (stderrTail + text).slice(-STDERR_TAIL_CHARS);
    options.onStderr(text);
  });
  // A command need not read its input; a pipe that it closed is no failure, its exit code tells.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.input);

  child.once("error", (error) => finish({ outcome: "failed", reason: cut(`the command did not start: ${error.message}`) }));
  const resultOf = (code: number | null, killedBy: NodeJS.Signals | null): CommandResult => {
    if (ended === "aborted") return { outcome: "aborted", reason: "the lease was lost; the command was killed" };
    if (ended === "timed out") return { outcome: "failed", reason: `killed: it ran longer than ${timeoutMs} ms` };
    if (code === 0) return { outcome: "ok" };
    const how = killedBy ? `killed by ${killedBy}` : `exit code ${code}`;
    return { outcome: "failed", reason: cut(lastLine(stderrTail) || how) };
  };
  child.once("close", (code, killedBy) => finish(resultOf(code, killedBy)));
  // Something that it left running in the background may hold its stderr open for ever.
  child.once("exit", (code, killedBy) => {
    lastWordsTimer = setTimeout(() => finish(resultOf(code, killedBy)), LAST_WORDS_MS);
  });
  return promise;
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended in between.
  }
}

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1)?.trim() ?? "";
const cut = (reason: string): string => reason.slice(0, limits.reasonCharsMax);
