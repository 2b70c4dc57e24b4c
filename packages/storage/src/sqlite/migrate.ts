/** Brings a data folder to this program's format: numbered SQL files, each applied in a transaction of its own. */
import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { int } from "./columns.ts";
import { applicationId } from "./database.ts";
import { Fault } from "./words.ts";

const folder = new URL("./migrations/", import.meta.url);

type Migration = { number: number; file: string };

function migrations(): Migration[] {
  const files = readdirSync(folder).filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file));
  return files.sort().map((file) => ({ number: Number(file.slice(0, 4)), file }));
}

/** The format that this program writes. */
export const newestFormat = (): number => migrations().at(-1)?.number ?? 0;

const pragma = (db: DatabaseSync, name: "user_version" | "application_id"): number => int(db.prepare(`PRAGMA ${name}`).get() ?? {}, name);

/** Throws DATA_TOO_NEW, or DATA_DAMAGED when the file is another program's. Reads only. */
export function formatOf(db: DatabaseSync): number {
  const newest = newestFormat();
  const found = pragma(db, "user_version");
  if (found > newest) {
    throw new Fault(
      "DATA_TOO_NEW",
      `The data folder has format ${found}, this program knows ${newest}. Start the newer version; a downgrade is not possible.`,
    );
  }
  const owner = pragma(db, "application_id");
  if (owner !== applicationId && (found > 0 || owner !== 0)) {
    throw new Fault("DATA_DAMAGED", "The file waybill.db in the data folder is not a Waybill database. Choose another folder.");
  }
  return found;
}

/**
 * Applies what is missing and answers the format. Safe to be killed at any step: the format's number is part of each transaction.
 * Throws as `formatOf` does, before anything is written.
 */
export function migrate(db: DatabaseSync): number {
  const found = formatOf(db);
  let format = found;
  for (const { number, file } of migrations()) {
    if (number <= format) continue;
    const sql = readFileSync(new URL(file, folder), "utf8");
    db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${number}; COMMIT;`);
    format = number;
  }
  // A migration may have copied all that is kept; the log would stay as long as that, and the first commits would wait for it.
  if (format > found) db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  return format;
}
