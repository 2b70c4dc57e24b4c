/** One holder of a data folder: a lock of the operating system, which dies with the process. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { HubError } from "@waybill/events";

export type DataLock = { release(): void };

/** Throws DATA_HELD when another process, or this one, holds the folder; nothing was touched then. */
export function lockData(folder: string): DataLock {
  const db = new DatabaseSync(join(folder, "lock.db"), { timeout: 0 });
  try {
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    throw new HubError("DATA_HELD", `Another hub runs on ${folder}. Stop it, or choose another folder.`, { cause: error });
  }
  return { release: () => db.close() };
}
