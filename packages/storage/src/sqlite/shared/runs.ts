/** Finds the run that holds an offset: one look at the queue's directory, one seek in its segment. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { checkRun, Run } from "../codec/run-codec.ts";
import { blob, int } from "../columns.ts";
import { damaged } from "../words.ts";
import { type DirectoryEntry, decodeDirectory } from "./directory.ts";

export type QueueRow = { head: number; firstKept: number; entries: DirectoryEntry[] };
export type FoundRun = { segment: number; run: Run };

export class Runs {
  private readonly selectQueue: StatementSync;
  private readonly selectPageAt: StatementSync;
  private readonly selectPageAfter: StatementSync;
  private readonly selectAt: StatementSync;
  private readonly selectAfter: StatementSync;

  constructor(db: DatabaseSync) {
    this.selectQueue = db.prepare("SELECT head, first_kept, directory FROM queue WHERE place = ?");
    this.selectPageAt = db.prepare(
      "SELECT entries FROM directory WHERE place = ? AND first_offset <= ? ORDER BY first_offset DESC LIMIT 1",
    );
    this.selectPageAfter = db.prepare("SELECT entries FROM directory WHERE place = ? AND first_offset > ? ORDER BY first_offset LIMIT 1");
    this.selectAt = db.prepare(
      "SELECT first_offset, last_offset, blob FROM run WHERE segment = ? AND place = ? AND first_offset <= ? ORDER BY first_offset DESC LIMIT 1",
    );
    this.selectAfter = db.prepare(
      "SELECT first_offset, last_offset, blob FROM run WHERE segment = ? AND place = ? AND first_offset > ? ORDER BY first_offset LIMIT 1",
    );
  }

  queue(place: string): QueueRow {
    const row = this.selectQueue.get(place);
    if (row === undefined) return { head: 0, firstKept: 1, entries: [] };
    const [head, firstKept] = [int(row, "head"), int(row, "first_kept")];
    const entries = decodeDirectory(blob(row, "directory"));
    if (firstKept > head + 1 || (entries.at(-1)?.first ?? 0) > head) throw damaged(`The row of ${place} does not agree with itself.`);
    return { head, firstKept, entries };
  }

  /**
   * The run that holds `offset`, which is sealed and kept. Throws DATA_DAMAGED when it is not there, is not what was written,
   * or begins before what is kept or ends behind what is sealed: a queue's row has no checksum, its runs tell on it.
   */
  holding(place: string, queue: QueueRow, offset: number): Run {
    const run = this.find(place, queue, offset)?.run;
    if (run === undefined || offset < run.first) throw damaged(`Offset ${offset} of ${place} is missing.`);
    if (run.first < queue.firstKept || run.last > queue.head)
      throw damaged(`Offsets ${run.first} to ${run.last} of ${place} are there, and its row says ${queue.firstKept} to ${queue.head}.`);
    return run;
  }

  /** Throws DATA_DAMAGED when something from `offset` on is there that is said to be trimmed. */
  checkTrimmed(place: string, queue: QueueRow, offset: number): void {
    const run = this.find(place, queue, offset)?.run;
    if (run !== undefined && run.first < queue.firstKept)
      throw damaged(`Offset ${run.first} of ${place} is there, and its row says that it was trimmed up to ${queue.firstKept - 1}.`);
  }

  /** The run that holds `offset`, or else the first one behind it; checked. */
  find(place: string, queue: QueueRow, offset: number): FoundRun | null {
    let page = this.pageFor(place, queue, offset);
    while (page.length > 0) {
      const start = Math.max(
        0,
        page.findLastIndex((entry) => entry.first <= offset),
      );
      for (const { segment } of page.slice(start)) {
        const found = this.findIn(segment, place, offset);
        if (found !== null) return found;
      }
      page = this.pageBehind(place, queue, page);
    }
    return null;
  }

  findIn(segment: number, place: string, offset: number): FoundRun | null {
    const at = this.selectAt.get(segment, place, offset);
    const row = at !== undefined && int(at, "last_offset") >= offset ? at : this.selectAfter.get(segment, place, offset);
    if (row === undefined) return null;
    const bytes = blob(row, "blob");
    checkRun(bytes, place);
    const run = new Run(bytes);
    if (run.first !== int(row, "first_offset") || run.last !== int(row, "last_offset"))
      throw damaged(`Offsets ${run.first} to ${run.last} of ${place} are kept under another name.`);
    return { segment, run };
  }

  /** The directory's entries from the page that holds `offset`. */
  pageFor(place: string, queue: QueueRow, offset: number): DirectoryEntry[] {
    if (offset >= (queue.entries[0]?.first ?? Number.POSITIVE_INFINITY)) return queue.entries;
    const row = this.selectPageAt.get(place, offset) ?? this.selectPageAfter.get(place, offset);
    return row === undefined ? queue.entries : decodeDirectory(blob(row, "entries"));
  }

  pageBehind(place: string, queue: QueueRow, page: readonly DirectoryEntry[]): DirectoryEntry[] {
    const last = page.at(-1)?.first ?? 0;
    if (last >= (queue.entries.at(-1)?.first ?? 0)) return [];
    const row = this.selectPageAfter.get(place, last);
    return row === undefined ? queue.entries : decodeDirectory(blob(row, "entries"));
  }
}
