/** Runs a child under strace, or says that strace is missing and how to get it. */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const needsStrace = "needs strace: apt-get install strace";
const child = fileURLToPath(new URL("../workload/child.ts", import.meta.url));

/** `null`: it is here. */
export function missingStrace(): string | null {
  if (process.platform !== "linux") return "needs strace, which is only there on Linux";
  const found = spawnSync("strace", ["-V"], { encoding: "utf8" });
  if (found.status !== 0) return needsStrace;
  const tried = spawnSync("strace", ["-f", "-e", "trace=none", "true"], { encoding: "utf8" });
  return tried.status === 0 ? null : `strace may not trace here: ${tried.stderr.trim().split("\n").at(-1) ?? ""}`;
}

export type ChildRun = {
  script: string;
  folder: string;
  history: string;
  compiled: string;
  nodeArgs?: readonly string[];
  program?: string;
};
export type ChildEnd = { code: number | null; signal: NodeJS.Signals | null; stderr: string };

/** Compiled code is kept from one child to the next: most of a short life is its start. */
export function runTraced(straceArgs: readonly string[], run: ChildRun): Promise<ChildEnd> {
  const args = [...straceArgs, process.execPath, ...(run.nodeArgs ?? []), run.program ?? child, run.script, run.folder, run.history];
  const traced = spawn("strace", ["-f", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, NODE_COMPILE_CACHE: run.compiled },
  });
  let stderr = "";
  traced.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4_000);
  });
  return new Promise((done, fail) => {
    traced.once("error", fail);
    traced.once("close", (code, signal) => done({ code, signal, stderr }));
  });
}
