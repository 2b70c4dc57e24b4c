import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { UsageError } from "@waybill/options";

/** The hub's own program signs: the key, and how it is used, are known in one place. */
const tokenScript = fileURLToPath(new URL("../../hub/bin/token.js", import.meta.url));
const TTL = "5m";

/** An admin's token for the local hub, good for a few minutes. Throws UsageError when the folder has no key. */
export async function localToken(dataDir: string, script = tokenScript): Promise<string> {
  if (!existsSync(join(dataDir, "hub.key"))) {
    throw new UsageError([
      `--token is missing, and there is no hub.key in ${dataDir}. Write --token TOKEN (npm run token -- --role admin), or --data DIR.`,
    ]);
  }
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    "--role",
    "admin",
    "--data",
    dataDir,
    "--ttl",
    TTL,
    "--subject",
    "waybill",
  ]);
  return stdout.trim();
}
