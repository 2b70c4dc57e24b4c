import { fileURLToPath } from "node:url";
import { type Ended, runToEnd } from "@waybill/testkit";

export const script = fileURLToPath(new URL("../bin/vendor.js", import.meta.url));

export const runProgram = (args: readonly string[], { env, input = "" }: { env: Record<string, string>; input?: string }): Promise<Ended> =>
  runToEnd(script, args, { env: { ...process.env, ...env }, input });
