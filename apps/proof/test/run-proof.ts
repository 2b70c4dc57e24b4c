import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { missingStrace } from "../src/strace/run-child.ts";

/** `null`: strace is here. Else printed once, beside the tests that are skipped for it. */
export const missing = missingStrace();
if (missing !== null) process.stdout.write(`skipped: ${missing}\n`);

export type Ended = { code: number | null; text: string; stderr: string; verdict: Record<string, unknown> };

/** Runs one of the commands; its verdict is its last line. */
export function run(name: "verify" | "crashpoints" | "powercut" | "damage" | "upgrade", ...args: string[]): Ended {
  const script = fileURLToPath(new URL(`../bin/${name}.js`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: "utf8", timeout: 300_000 });
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  return { code: status, text: stdout, stderr, verdict: last.startsWith("{") ? JSON.parse(last) : {} };
}
