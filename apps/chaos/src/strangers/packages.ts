/**
 * Older Socket.IO clients, from npm: a folder outside of the workspaces with a lock of its own. They have holes that later versions
 * have mended, which is no harm to a run on this machine, and would be to everybody's lock.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { UsageError } from "@waybill/options";
import { z } from "zod";

export const strangersFolder = fileURLToPath(new URL("../../strangers", import.meta.url));
const run = promisify(execFile);

const lockSchema = z.object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) });
const readLock = (file: string) => lockSchema.parse(JSON.parse(readFileSync(file, "utf8"))).packages;

/** What npm has put there is what the lock says: a lock that was changed since then is installed anew. */
export function areInstalled(folder: string): boolean {
  const installed = join(folder, "node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const there = readLock(installed);
  const wanted = Object.entries(readLock(join(folder, "package-lock.json"))).filter(([path]) => path !== "");
  return wanted.every(([path, { version }]) => there[path]?.version === version);
}

/** The first time this needs a network. Throws a UsageError where there is none. */
export async function installStrangers(folder: string, say: (text: string) => void): Promise<void> {
  if (areInstalled(folder)) return;
  say(`installing older clients into ${folder}\n`);
  try {
    await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder });
  } catch (error) {
    const said = error instanceof Error ? error.message.trim() : String(error);
    const todo = `Run npm ci in ${folder} where a registry of npm can be reached, or leave --old-clients out.`;
    throw new UsageError([`--old-clients: older clients cannot be installed. ${todo}`], said);
  }
}

/** Their types are not there before they are: who loads one says what it uses of it. */
export async function loadStranger<T>(name: string): Promise<T> {
  const path = createRequire(join(strangersFolder, "package.json")).resolve(name);
  const module: { default?: T } & T = await import(pathToFileURL(path).href);
  return module.default ?? module;
}
