/**
 * A data folder that no hub holds, opened without changing its database or its log: read in place where that is possible,
 * else as a copy in a temporary folder (when the log cannot be read in place, or the format is an older one).
 */
import { constants, copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { HubError } from "@waybill/events";
import { lockData } from "../data-lock.ts";
import { fileOf, openWriter } from "../database.ts";
import { migrate } from "../migrate.ts";
import { openReadOnly } from "../read-only.ts";
import { Fault } from "../words.ts";

export type OfflineFolder = { db: DatabaseSync; format: number; readAs: "in place" | "a copy"; close(): void };

const cacheBytes = 33_554_432;

/** Throws DATA_HELD, DATA_TOO_NEW, DATA_DAMAGED (another program's file, or none that SQLite knows) or STORAGE_FAILED (no data folder). */
export function openOffline(path: string): OfflineFolder {
  const folder = resolve(path);
  if (!existsSync(fileOf(folder)))
    throw new HubError("STORAGE_FAILED", `There is no data folder in ${folder}: the file waybill.db is missing. Name the folder of a hub.`);
  const release = existsSync(join(folder, "lock.db")) ? lockData(folder).release : () => {};
  try {
    const opened = inPlace(folder) ?? asCopy(folder);
    return {
      ...opened,
      close() {
        opened.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error instanceof Fault ? new HubError(error.code, error.message, { cause: error }) : error;
  }
}

/** `null`: not possible here. */
function inPlace(folder: string): OfflineFolder | null {
  const { db, close } = openReadOnly(folder);
  try {
    prepare(db);
    return { db, format: migrate(db), readAs: "in place", close };
  } catch (error) {
    close();
    if (error instanceof Fault) throw error;
    return null;
  }
}

function asCopy(folder: string): OfflineFolder {
  const copy = mkdtempSync(join(tmpdir(), "waybill-verify-"));
  const remove = (): void => rmSync(copy, { recursive: true, force: true });
  try {
    for (const name of readdirSync(folder)) {
      if (name === basename(fileOf(folder)) || name === `${basename(fileOf(folder))}-wal`)
        copyFileSync(join(folder, name), join(copy, name), constants.COPYFILE_FICLONE);
    }
    const db = openWriter(copy, cacheBytes);
    try {
      prepare(db);
      const format = migrate(db);
      return {
        db,
        format,
        readAs: "a copy",
        close() {
          db.close();
          remove();
        },
      };
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    remove();
    if (error instanceof Fault) throw error;
    const found = error instanceof Error ? error.message : String(error);
    throw new HubError(
      "DATA_DAMAGED",
      `The data folder ${folder} cannot be opened (${found}). Restore the latest backup; keep the folder.`,
      {
        cause: error,
      },
    );
  }
}

function prepare(db: DatabaseSync): void {
  db.exec(`PRAGMA cache_size = -${cacheBytes / 1024}; PRAGMA trusted_schema = OFF; PRAGMA temp_store = FILE;`);
}
