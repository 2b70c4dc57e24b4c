/**
 * One supervised program over all its lives. A life runs from a start to an exit:
 *
 *   stopped  ── start, restart ──► running
 *   running  ── kill, stop, exit by itself ──► stopped
 *
 * The program talks in JSON lines on stdout; each is offered to those who wait for one and to `onLine`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export type JsonLine = Readonly<Record<string, unknown>>;
export type Exit = { code: number | null; signal: NodeJS.Signals | null };

/** A program ended while it was needed. The message has the last of its stderr, where it told why. */
export class ProgramEndedError extends Error {
  override readonly name = "ProgramEndedError";
  readonly code = "PROGRAM_ENDED";
  readonly exit: Exit;
  constructor(program: { name: string; stderrTail: readonly string[] }, exit: Exit) {
    super([`${program.name} ended (${exit.signal ?? `code ${exit.code}`}).`, ...program.stderrTail].join("\n"));
    this.exit = exit;
  }
}

export type ProgramOptions = {
  /** In messages only. */
  name: string;
  /** Path of the script. */
  script: string;
  /** What runs it. Default: this Node. */
  runtime?: string;
  args?: readonly string[];
  cwd?: string;
  /** The whole environment; default: this process's own. */
  env?: NodeJS.ProcessEnv;
  /** Flags of what runs it, before the script. */
  nodeArgs?: readonly string[];
  onLine?(line: JsonLine, program: Program): void;
  /** What it says that is no JSON, and all of stderr. */
  onText?(text: string, stream: "stdout" | "stderr"): void;
  /** The end of a life that nobody asked for. */
  onCrash?(exit: Exit, program: Program): void;
};

export type Program = {
  readonly name: string;
  /** Of the current life, or of the last one. */
  readonly pid: number;
  readonly running: boolean;
  /** Starts so far. */
  readonly lives: number;
  readonly exit: Exit | null;
  /** Resolves when the current life ends; asks for nothing. */
  readonly ended: Promise<Exit>;
  /** Lines of stderr, the last 50, of all lives. */
  readonly stderrTail: readonly string[];
  /** The next JSON line that matches; rejects when the life ends, or after `timeoutMs` (default 120,000: a start takes many seconds on a busy machine), with the stderr tail. */
  awaitLine(match: (line: JsonLine) => boolean, options?: { timeoutMs?: number }): Promise<JsonLine>;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL; resolves when it is dead. */
  kill(): Promise<Exit>;
  /** SIGTERM, and SIGKILL after `graceMs` (default 60,000). */
  stop(options?: { graceMs?: number }): Promise<Exit>;
  /** A new life after the last one ended, with the same arguments or others. */
  restart(options?: { args?: readonly string[] }): void;
  /** Writes a line to its stdin. */
  tell(line: object): void;
};

type Watch = { started(pid: number): void; ended(pid: number): void };
type Waiting = { match: (line: JsonLine) => boolean; resolve: (line: JsonLine) => void; reject: (error: Error) => void };
type Life = { child: ChildProcess; pid: number; ended: Promise<Exit>; asked: boolean };

const STDERR_LINES = 50;

export function createProgram(options: ProgramOptions, watch: Watch): Program {
  const stderrTail: string[] = [];
  const waiting = new Set<Waiting>();
  let args = options.args ?? [];
  let lives = 0;
  let exit: Exit | null = null;
  let life = begin();

  function begin(): Life {
    lives++;
    exit = null;
    // A process group of its own: a Ctrl-C on the terminal reaches the supervisor alone, which stops the programs in order.
    const child = spawn(options.runtime ?? process.execPath, [...(options.nodeArgs ?? []), options.script, ...args], {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    const pid = child.pid ?? 0;
    if (pid) watch.started(pid);
    child.stdin?.on("error", () => {
      // It died before it read; its exit tells more.
    });
    if (child.stdout) createInterface({ input: child.stdout }).on("line", hear);
    if (child.stderr) createInterface({ input: child.stderr }).on("line", keepStderr);
    const started: Life = {
      child,
      pid,
      asked: false,
      ended: once(child, "close").then(([code, signal]) => end(started, { code, signal })),
    };
    child.on("error", (cause) => keepStderr(`${options.name} did not start: ${cause.message}`));
    return started;
  }

  function end(ended: Life, how: Exit): Exit {
    exit = how;
    if (ended.pid) watch.ended(ended.pid);
    const error = new ProgramEndedError({ name: options.name, stderrTail }, how);
    for (const waiter of waiting) waiter.reject(error);
    waiting.clear();
    if (!ended.asked) options.onCrash?.(how, program);
    return how;
  }

  function hear(text: string): void {
    const line = parseLine(text);
    if (!line) {
      options.onText?.(text, "stdout");
      return;
    }
    for (const waiter of waiting) {
      if (!waiter.match(line)) continue;
      waiting.delete(waiter);
      waiter.resolve(line);
    }
    options.onLine?.(line, program);
  }

  function keepStderr(text: string): void {
    stderrTail.push(text);
    if (stderrTail.length > STDERR_LINES) stderrTail.shift();
    options.onText?.(text, "stderr");
  }

  const tail = () => (stderrTail.length > 0 ? `\n${stderrTail.join("\n")}` : "");
  const isRunning = () => exit === null && life.pid !== 0;

  const program: Program = {
    name: options.name,
    get pid() {
      return life.pid;
    },
    get running() {
      return isRunning();
    },
    get lives() {
      return lives;
    },
    get exit() {
      return exit;
    },
    get ended() {
      return life.ended;
    },
    stderrTail,
    awaitLine(match, { timeoutMs = 120_000 } = {}) {
      if (!isRunning()) return Promise.reject(new Error(`${options.name} does not run.${tail()}`));
      const { promise, resolve, reject } = Promise.withResolvers<JsonLine>();
      const waiter: Waiting = { match, resolve, reject };
      waiting.add(waiter);
      const timer = setTimeout(() => {
        waiting.delete(waiter);
        reject(new Error(`${options.name} did not say what was awaited within ${timeoutMs} ms.${tail()}`));
      }, timeoutMs);
      return promise.finally(() => clearTimeout(timer));
    },
    signal(signal) {
      if (signal === "SIGKILL" || signal === "SIGTERM" || signal === "SIGINT") life.asked = true;
      if (isRunning()) life.child.kill(signal);
    },
    kill() {
      program.signal("SIGKILL");
      return life.ended;
    },
    async stop({ graceMs = 60_000 } = {}) {
      program.signal("SIGCONT"); // A stopped process would keep the SIGTERM for later.
      program.signal("SIGTERM");
      const timer = setTimeout(() => program.signal("SIGKILL"), graceMs);
      return life.ended.finally(() => clearTimeout(timer));
    },
    restart(next = {}) {
      if (isRunning()) throw new Error(`${options.name} still runs; end it before it starts again.`);
      args = next.args ?? args;
      life = begin();
    },
    tell: (line) => void life.child.stdin?.write(`${JSON.stringify(line)}\n`),
  };
  return program;
}

function parseLine(text: string): JsonLine | null {
  if (!text.startsWith("{")) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
