import { readFileSync } from "node:fs";
import { z } from "zod";

const packageSchema = z.object({ version: z.string() });

/** `0.1.0`: all packages share one version. */
export function programVersion(): string {
  return packageSchema.parse(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))).version;
}

/** `Waybill hub 0.1.0`. */
export const versionText = (program: string): string => `Waybill ${program} ${programVersion()}\n`;
