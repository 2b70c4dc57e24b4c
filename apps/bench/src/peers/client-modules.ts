/** The brokers' npm clients: a folder outside of the workspaces with a lock of its own, since only the bench needs them. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const folder = fileURLToPath(new URL("../../peers/", import.meta.url));
const run = promisify(execFile);

/** Resolves when they are there; rejects with what npm says. */
export async function installClients(say: (text: string) => void): Promise<void> {
  if (existsSync(`${folder}node_modules/.package-lock.json`)) return;
  say("installing the brokers' clients into apps/bench/peers\n");
  await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder });
}

/** What the package exports. Its types are not there before it is: who loads it says what it uses of it. */
export async function loadModule<T>(name: string): Promise<T> {
  const path = createRequire(`${folder}package.json`).resolve(name);
  const module: { default?: T } & T = await import(pathToFileURL(path).href);
  return module.default ?? module;
}
