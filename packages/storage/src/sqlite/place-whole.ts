/** A whole copy of a database gets its name last: who finds the name finds all of it, also after a kill or a power cut. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fileOf } from "./database.ts";

/** The copy until it is whole. */
export const partOf = (folder: string): string => `${fileOf(folder)}.part`;

/** Half of a copy is there, and no database: its copying was broken off. */
export const isUnfinished = (folder: string): boolean => existsSync(partOf(folder)) && !existsSync(fileOf(folder));

export function removePart(folder: string): void {
  for (const path of [partOf(folder), `${partOf(folder)}-journal`]) rmSync(path, { force: true });
}

/** When it returns, the part is on disk under the database's name. */
export function placeWhole(folder: string): void {
  syncPath(partOf(folder));
  renameSync(partOf(folder), fileOf(folder));
  syncPath(folder);
  syncPath(dirname(folder));
}

function syncPath(path: string): void {
  const handle = openSync(path, "r");
  fsyncSync(handle);
  closeSync(handle);
}
