/** Copies the database as it is at one moment, syncs the copy, and only then gives it its name. */
import { workerData } from "node:worker_threads";
import { openSide } from "../database.ts";
import { partOf, placeWhole, removePart } from "../place-whole.ts";

/** Folders. */
export type BackupOptions = { from: string; to: string };

const cacheBytes = 8_388_608;

function copy({ from, to }: BackupOptions): void {
  removePart(to);
  const db = openSide(from, cacheBytes);
  try {
    db.prepare("VACUUM INTO ?").run(partOf(to));
  } finally {
    db.close();
  }
  placeWhole(to);
}

copy(workerData);
