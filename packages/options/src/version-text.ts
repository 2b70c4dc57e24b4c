import { readFileSync } from "node:fs";
import { z } from "zod";

const packageSchema = z.object({ version: z.string() });

/** `Waybill hub 0.1.0`: all packages share one version. */
export function versionText(program: string): string {
  const file = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return `Waybill ${program} ${packageSchema.parse(JSON.parse(file)).version}\n`;
}
