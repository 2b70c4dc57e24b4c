import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export type Ended = { code: number | null; records: Record<string, unknown>[]; stderr: string };

/** Runs a program to its end with this input and this whole environment; its lines are JSON, for nobody looks at a terminal. */
export async function runToEnd(
  script: string,
  args: readonly string[],
  { env, input = "" }: { env: NodeJS.ProcessEnv; input?: string },
): Promise<Ended> {
  const child = spawn(process.execPath, [script, ...args], { env });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const records = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  return { code, records, stderr };
}
