import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownPort } from "./own-port.ts";
import type { JsonLine, Program, ProgramOptions } from "./program.ts";
import { createTokenSigner, type TokenSigner } from "./sign-token.ts";
import { createSupervisor, type Supervisor } from "./supervisor.ts";

export type StartHubOptions = {
  /** Default: a temporary one, removed at the end. */
  dataDir?: string;
  /** Default: one that nobody else takes while the hub is down. A restart takes the same again. */
  port?: number;
  /** More of the hub's own flags. */
  args?: readonly string[];
  /** Default: one of its own, closed with the hub. */
  supervisor?: Supervisor;
  /** Default: the hub of this repository. */
  script?: string;
  readyMs?: number;
} & Pick<ProgramOptions, "onLine" | "onText" | "onCrash" | "nodeArgs" | "env">;

/** A hub in a process of its own. */
export type RunningHub = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly program: Program;
  /** Signs with the hub's key. */
  readonly token: TokenSigner;
  /** SIGKILL, start again on the same port and data, and wait until it is ready. */
  killAndRestart(): Promise<void>;
  /** Start again on the same port and data after it ended, and wait until it is ready. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

const hubScript = fileURLToPath(new URL("../../../apps/hub/bin/hub.js", import.meta.url));
const isReady = (line: JsonLine): boolean => line.msg === "ready" && typeof line.url === "string";

/** Starts a hub with `--open` on loopback; resolves when it is ready, rejects with its stderr when it is not. */
export async function startHub(options: StartHubOptions = {}): Promise<RunningHub> {
  const { supervisor = createSupervisor(), script = hubScript, readyMs = 120_000, onLine, onText, onCrash, nodeArgs, env } = options;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "waybill-hub-"));
  // A folder that is thrown away needs no 64 MB of ballast.
  const ballast = options.dataDir === undefined ? ["--ballast-mb", "1"] : [];
  const args = options.args ?? [];
  // A test that ends with events in hand need not wait for them.
  const drain = args.includes("--drain") ? [] : ["--drain", "0s"];
  const common = ["--data", dataDir, "--open", "--log", "json", ...ballast, ...drain, ...args];
  const argsFor = (port: number) => ["--port", String(port), ...common];
  const program = supervisor.start({
    name: "hub",
    script,
    args: argsFor(options.port ?? (await ownPort())),
    ...(onLine ? { onLine } : {}),
    ...(onText ? { onText } : {}),
    ...(onCrash ? { onCrash } : {}),
    ...(nodeArgs ? { nodeArgs } : {}),
    ...(env ? { env } : {}),
  });

  async function close(): Promise<void> {
    await program.stop();
    if (!options.supervisor) await supervisor.close();
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  }

  const ready = await program.awaitLine(isReady, { timeoutMs: readyMs }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  async function restart(): Promise<void> {
    program.restart({ args: argsFor(port) });
    await program.awaitLine(isReady, { timeoutMs: readyMs });
  }

  const url = String(ready.url);
  const port = Number(new URL(url).port);
  return {
    url,
    port,
    dataDir,
    program,
    token: createTokenSigner(dataDir),
    async killAndRestart() {
      await program.kill();
      await restart();
    },
    restart,
    close,
    [Symbol.asyncDispose]: close,
  };
}
