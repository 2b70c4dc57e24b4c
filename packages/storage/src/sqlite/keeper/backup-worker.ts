/** Copies the database as it is at one moment, syncs the copy, and only then gives it its name. Answers with one message. */
import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { int } from "../columns.ts";
import { fileOf, openSide } from "../database.ts";
import { failureOf } from "../failures.ts";
import { partOf, placeWhole, removePart } from "../place-whole.ts";
import type { Failure } from "../protocol.ts";
import { EventReads } from "../reader/event-reads.ts";

/** Folders. */
export type BackupOptions = { from: string; to: string };
export type BackupMade = { events: number; bytes: number };
export type BackupAnswer = { made: BackupMade } | { failure: Failure };

const cacheBytes = 8_388_608;

function copy({ from, to }: BackupOptions): BackupMade {
  removePart(to);
  const db = openSide(from, cacheBytes);
  try {
    db.prepare("VACUUM INTO ?").run(partOf(to));
  } finally {
    db.close();
  }
  const events = countEvents(partOf(to));
  placeWhole(to);
  return { events, bytes: statSync(fileOf(to)).size };
}

/** Those of the copy itself: the storage went on meanwhile. */
function countEvents(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const reads = new EventReads(db);
    reads.follow();
    return int(db.prepare("SELECT ifnull(sum(events), 0) AS n FROM segment").get() ?? {}, "n") + reads.index.events;
  } finally {
    db.close();
  }
}

function answer(options: BackupOptions): BackupAnswer {
  try {
    return { made: copy(options) };
  } catch (error) {
    removePart(options.to);
    return { failure: failureOf(error) };
  }
}

parentPort?.postMessage(answer(workerData));
