import type { Environment } from "./define-options.ts";
import { exitCodes } from "./exit-codes.ts";
import { type Advise, reportError } from "./report-error.ts";

/** What a main function gets: nothing else of the process is needed. */
export type MainInput = {
  /** Without node and the script. */
  argv: readonly string[];
  env: Environment;
  /** Aborted by the first SIGINT or SIGTERM, or when nobody reads standard output any more: stop in good order. */
  signal: AbortSignal;
};

/** The exit code; nothing means 0. */
export type Main = (input: MainInput) => Promise<number | undefined> | Promise<void>;

export type RunMainOptions = {
  /** What to do about an error's code, for instance from the contract's table. */
  advise?: Advise;
  /** What a program that is done may still take for open handles, before it is ended. Default 2,000. */
  lingerMs?: number;
};

const signals = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated } as const;

/**
 * Runs a program's main function: errors become one message and an exit code, the first signal aborts `signal`, the second ends the
 * process at once. A main that returns after the first signal has stopped in good order: its own exit code counts. One that throws
 * because of the abort was interrupted: 130 or 143.
 */
export async function runMain(main: Main, { advise, lingerMs = 2_000 }: RunMainOptions = {}): Promise<void> {
  const stop = new AbortController();
  let interruptedBy: number | undefined;
  for (const [name, exitCode] of Object.entries(signals)) {
    process.on(name, () => {
      if (interruptedBy !== undefined) process.exit(exitCode);
      interruptedBy = exitCode;
      stop.abort();
    });
  }
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    stop.abort(); // `… | head` has seen enough.
  });
  try {
    process.exitCode = (await main({ argv: process.argv.slice(2), env: process.env, signal: stop.signal })) ?? exitCodes.ok;
  } catch (error) {
    if (stop.signal.aborted && isAbort(error)) process.exitCode = interruptedBy ?? exitCodes.ok;
    else {
      const { text, exitCode } = reportError(error, advise);
      process.stderr.write(text);
      process.exitCode = exitCode;
    }
  }
  // A handle that was forgotten must not keep a finished program alive; unref'd, it costs a clean one nothing.
  setTimeout(() => process.exit(), lingerMs).unref();
}

function isAbort(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "AbortError" || ("code" in error && (error.code === "CANCELLED" || error.code === "ABORT_ERR"));
}
