/** The writing connection: transactions, and what to do when its file can no longer be trusted. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { int } from "../columns.ts";
import { openSide, openWriter } from "../database.ts";
import { Fault } from "../words.ts";

const cacheBytes = 16_777_216;
const anchorCacheBytes = 65_536;

/** What every transaction runs is parsed once. */
type Writer = { db: DatabaseSync; begin: StatementSync; commit: StatementSync };

/** `FULL`: on disk when it returns. `NORMAL`: in its place in the log, on disk with the next that is. */
export type Sync = "FULL" | "NORMAL";

export class Connection {
  private readonly folder: string;
  private readonly fileBytesMax: number;
  private writer: Writer;
  /**
   * Never writes, never closed before the other: while it is there, the log's index is. Without it the next opening would
   * recover the log from the file, where the frames of a commit whose sync failed look like any other's.
   */
  private readonly anchor: DatabaseSync;

  /** `fileBytesMax`: as if the disk were full at this size; 0: the disk alone decides. */
  constructor(folder: string, fileBytesMax: number) {
    this.folder = folder;
    this.fileBytesMax = fileBytesMax;
    this.writer = this.open();
    this.anchor = openSide(folder, anchorCacheBytes);
    this.anchor.prepare("SELECT count(*) FROM sqlite_schema").get();
  }

  get db(): DatabaseSync {
    return this.writer.db;
  }

  close(): void {
    this.anchor.close();
    this.db.close();
  }

  /** Whole or not at all; what `work` throws comes out, after the rollback. */
  transaction<T>(sync: Sync, work: () => T): T {
    const { db, begin, commit } = this.writer;
    if (sync === "NORMAL") db.exec("PRAGMA synchronous = NORMAL");
    try {
      begin.run();
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    } finally {
      if (sync === "NORMAL") db.exec("PRAGMA synchronous = FULL");
    }
  }

  /**
   * After a failed sync: closes the file, opens it again, and has it verified. The write that is synced first also
   * overwrites, in the log, what the failed one left there: what was refused must not come back.
   */
  reopen(): void {
    if (this.db.isOpen) this.db.close();
    this.writer = this.open();
    this.transaction("FULL", () => this.db.exec("UPDATE meta SET value = value WHERE name = 'epoch'"));
    const verdict = this.db.prepare("PRAGMA quick_check(1)").get()?.quick_check;
    if (verdict !== "ok")
      throw new Fault(
        "DATA_DAMAGED",
        `The data folder is damaged (${String(verdict)}). Restore the latest backup; keep the folder for inspection.`,
      );
  }

  private open(): Writer {
    const db = openWriter(this.folder, cacheBytes);
    if (this.fileBytesMax > 0) {
      const pageBytes = int(db.prepare("PRAGMA page_size").get() ?? {}, "page_size");
      db.exec(`PRAGMA max_page_count = ${Math.floor(this.fileBytesMax / pageBytes)}`);
    }
    return { db, begin: db.prepare("BEGIN IMMEDIATE"), commit: db.prepare("COMMIT") };
  }
}
