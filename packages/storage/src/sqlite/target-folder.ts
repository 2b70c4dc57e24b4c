/** May a copy be made into this folder, or a hub be started on it? Looks, and touches nothing. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { HubError } from "@waybill/events";
import { lockData } from "./data-lock.ts";
import { fileOf } from "./database.ts";
import { isUnfinished } from "./place-whole.ts";

const lockFile = "lock.db";

/** Opened as a data folder, half of a copy would be an empty one, and nobody would notice. */
export function refuseUnfinished(folder: string): void {
  if (!isUnfinished(folder)) return;
  throw new HubError("DATA_UNFINISHED", `In ${folder} is half of a copy: a backup or a restore into it was broken off.`);
}

/** Throws unless the folder is empty or not there. A lock without a database is what a restore leaves that was killed before it wrote. */
export function refuseTarget(folder: string, isHeldByUs = false): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw new HubError("DATA_EXISTS", `${folder} is a file, and a folder is needed.`);
  if (!isHeldByUs && existsSync(join(folder, lockFile))) lockData(folder).release();
  refuseUnfinished(folder);
  if (existsSync(fileOf(folder))) throw new HubError("DATA_EXISTS", `There is a data folder in ${folder} already.`);
  const found = readdirSync(folder).filter((name) => !name.startsWith(lockFile));
  if (found.length > 0) throw new HubError("DATA_EXISTS", `The folder ${folder} is not empty: ${found.slice(0, 3).join(", ")} …`);
}
