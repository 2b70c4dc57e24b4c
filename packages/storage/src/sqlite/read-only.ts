/** The database as it is, what is only in its log included, opened so that neither of them changes. */
import { existsSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileOf } from "./database.ts";

export type ReadOnly = { db: DatabaseSync; close(): void };

/** The index of the log is SQLite's own scratch file; one that was not there before goes again. Throws what SQLite says. */
export function openReadOnly(folder: string): ReadOnly {
  const made = ["-shm", "-wal"].map((end) => `${fileOf(folder)}${end}`).filter((path) => !existsSync(path));
  const db = new DatabaseSync(fileOf(folder), { readOnly: true });
  return {
    db,
    close() {
      db.close();
      for (const path of made) rmSync(path, { force: true });
    },
  };
}
