/** Copies the database as it is at one moment, syncs the copy, and only then gives it its name. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { workerData } from "node:worker_threads";
import { openSide } from "../database.ts";

export type BackupOptions = { from: string; to: string };

const cacheBytes = 8_388_608;

function syncPath(path: string): void {
  const handle = openSync(path, "r");
  fsyncSync(handle);
  closeSync(handle);
}

function copy({ from, to }: BackupOptions): void {
  const part = `${to}.part`;
  rmSync(part, { force: true });
  const db = openSide(from, cacheBytes);
  try {
    db.prepare("VACUUM INTO ?").run(part);
  } finally {
    db.close();
  }
  syncPath(part);
  renameSync(part, to);
  syncPath(dirname(to));
}

copy(workerData);
