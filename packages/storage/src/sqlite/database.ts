/** Opens the file of a data folder, for the one connection that writes or for one of those that do not. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export const fileOf = (folder: string): string => join(folder, "waybill.db");

/** `WAYB`, so that `file` and other tools can tell whose database it is. */
export const applicationId = 0x57415942;
const pageBytes = 8_192;

export function openWriter(folder: string, cacheBytes: number): DatabaseSync {
  const db = new DatabaseSync(fileOf(folder), { timeout: 10_000 });
  db.exec(`
    PRAGMA page_size = ${pageBytes};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -${Math.floor(cacheBytes / 1024)};
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
  `);
  return db;
}

/** It may checkpoint (which writes to the file), but it changes no row. */
export function openSide(folder: string, cacheBytes: number): DatabaseSync {
  const db = new DatabaseSync(fileOf(folder), { timeout: 10_000 });
  db.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -${Math.floor(cacheBytes / 1024)};
    PRAGMA trusted_schema = OFF;
  `);
  return db;
}
