import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type ClaimsToSign, type RunningHub, type StartHubOptions, startHub } from "@waybill/testkit";

const execute = promisify(execFile);
type Unnamed<C> = C extends ClaimsToSign ? Omit<C, "sub"> : never;

/** A hub as these tests use it. */
export type TestHub = AsyncDisposable & {
  readonly url: string;
  readonly running: RunningHub;
  token(claims: Unnamed<ClaimsToSign>): string;
  /** SIGKILL, and a new life on the same port and data. */
  killAndRestart(): Promise<void>;
  /** The value of one line of /metrics. */
  metric(name: string): Promise<number>;
  /** Runs a program to its end. */
  run(command: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }>;
};

export async function startTestHub(options: StartHubOptions = {}): Promise<TestHub> {
  const running = await startHub(options);
  return {
    url: running.url,
    running,
    token: (claims) => running.token({ ...claims, sub: nameOf(claims) } as ClaimsToSign),
    killAndRestart: () => running.killAndRestart(),
    async metric(name) {
      const text = await (await fetch(`${running.url}/metrics`, { headers: { connection: "close" } })).text();
      const line = text.split("\n").find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
      return Number(line?.split(" ").at(-1));
    },
    run: (command, args) => execute(command, [...args], { timeout: 120_000 }),
    [Symbol.asyncDispose]: () => running.close(),
  };
}

function nameOf(claims: Unnamed<ClaimsToSign>): string {
  if (claims.role === "driver") return claims.driver;
  if (claims.role === "vendor") return Array.isArray(claims.stores) ? (claims.stores[0] ?? "vendor") : "vendor";
  return "admin";
}
