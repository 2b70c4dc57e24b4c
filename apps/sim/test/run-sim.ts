import { runToEnd } from "@waybill/testkit";

const script = new URL("../bin/sim.js", import.meta.url).pathname;

/** The command in a process of its own: in a simulated world nothing of the machine's time is left, and vitest needs it. */
export async function runSim(...args: string[]): Promise<{ code: number | null; verdict: Record<string, unknown>; stderr: string }> {
  const { code, records, stderr } = await runToEnd(script, args, { env: process.env });
  return { code, verdict: records.at(-1) ?? {}, stderr };
}

/** A loaded machine takes many times as long. */
export const longMs = 600_000;
