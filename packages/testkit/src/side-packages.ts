/**
 * Packages of npm that one program wants now and then: in a folder outside of the workspaces, with a lock of its own, so that they come
 * into nobody else's.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);

export type SidePackages = {
  readonly folder: string;
  /** What npm has put there is what the lock says; of what is optional, another system's may be missing. */
  areInstalled(): boolean;
  /** The first time, and when the lock was changed, this needs a network. Rejects with what npm says. */
  install(say: (text: string) => void): Promise<void>;
  /** What the package exports. Its types are not there before it is: who loads it says what it uses of it. */
  load<T>(name: string): Promise<T>;
};

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), optional: z.boolean().default(false) })),
});
const readLock = (file: string) => lockSchema.parse(JSON.parse(readFileSync(file, "utf8"))).packages;

/** `what` they are, for people. */
export function sidePackages(folder: string, what: string): SidePackages {
  const areInstalled = (): boolean => {
    const installed = join(folder, "node_modules/.package-lock.json");
    if (!existsSync(installed)) return false;
    const there = readLock(installed);
    const wanted = Object.entries(readLock(join(folder, "package-lock.json"))).filter(([path]) => path !== "");
    return wanted.every(([path, { version, optional }]) => {
      const found = there[path];
      return found === undefined ? optional : found.version === version;
    });
  };
  return {
    folder,
    areInstalled,
    async install(say) {
      if (areInstalled()) return;
      say(`installing ${what} into ${folder}\n`);
      await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder });
    },
    async load<T>(name: string) {
      const path = createRequire(join(folder, "package.json")).resolve(name);
      const module: { default?: T } & T = await import(pathToFileURL(path).href);
      return module.default ?? module;
    },
  };
}
