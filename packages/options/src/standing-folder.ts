import { dirname, isAbsolute, resolve } from "node:path";
import type { Environment } from "./define-options.ts";

/**
 * The folder where the user stands, from which the paths that they gave are meant. npm changes to the package's root before it runs a
 * script and leaves the user's folder in `INIT_CWD`. That counts only while we still are where npm put us: a program started further down
 * with a folder of its own (a test, a supervisor) inherits the variable, but not the meaning.
 */
export function standingFolder(env: Environment, cwd: string): string {
  const { INIT_CWD: userFolder, npm_package_json: packageFile } = env;
  return userFolder !== undefined && packageFile !== undefined && dirname(packageFile) === cwd ? userFolder : cwd;
}

/** `-` (standard input) and addresses such as `postgres://…` are no paths and stay as they are. */
export function resolvePath(path: string, folder: string): string {
  return path === "-" || isAbsolute(path) || /^[a-z][a-z0-9+.-]+:\/\//i.test(path) ? path : resolve(folder, path);
}
