/** What a data folder looks like from outside: a few bytes of its files are read, also while a hub runs on it; nothing is changed. */
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { HubError } from "@waybill/events";
import { lockData } from "./data-lock.ts";
import { applicationId, fileOf } from "./database.ts";
import { newestFormat } from "./migrate.ts";
import { isUnfinished } from "./place-whole.ts";

/** Places in the header of an SQLite file. */
const HEADER_BYTES = 100;
const USER_VERSION_AT = 60;
const APPLICATION_ID_AT = 68;

export type FolderState = {
  /** `none`: no database in it. `unfinished`: half of a copy. `held`: a hub, or another program of ours, has it. */
  state: "none" | "unfinished" | "held" | "free";
  /** `null`: there is no database, or it is another program's. */
  format: number | null;
  /** What this program writes, and brings older ones to. */
  formatKnown: number;
  databaseBytes: number;
  walBytes: number;
};

export function folderState(path: string): FolderState {
  const folder = resolve(path);
  const database = fileOf(folder);
  const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);
  const found = { formatKnown: newestFormat(), databaseBytes: sizeOf(database), walBytes: sizeOf(`${database}-wal`) };
  if (isUnfinished(folder)) return { ...found, state: "unfinished", format: null };
  if (!existsSync(database)) return { ...found, state: "none", format: null };
  return { ...found, state: isHeld(folder) ? "held" : "free", format: formatOf(database) };
}

/** A folder that nobody ever opened has no lock to look at, and none is made by looking. */
function isHeld(folder: string): boolean {
  if (!existsSync(join(folder, "lock.db"))) return false;
  try {
    lockData(folder).release();
    return false;
  } catch (error) {
    if (error instanceof HubError && error.code === "DATA_HELD") return true;
    throw error;
  }
}

/** An empty database is one that was made and not written to: format 0. */
function formatOf(database: string): number | null {
  const header = Buffer.alloc(HEADER_BYTES);
  const handle = openSync(database, "r");
  try {
    if (readSync(handle, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return 0;
  } finally {
    closeSync(handle);
  }
  const isOurs = header.toString("latin1", 0, 15) === "SQLite format 3" && header.readUInt32BE(APPLICATION_ID_AT) === applicationId;
  return isOurs ? header.readUInt32BE(USER_VERSION_AT) : null;
}
