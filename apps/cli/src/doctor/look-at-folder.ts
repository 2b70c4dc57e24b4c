import { existsSync, statfsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { folderState } from "@waybill/storage";
import type { FolderLook } from "./folder-checks.ts";

/** The files of a local hub; nothing is changed, whether it runs or not. */
export function lookAtFolder(path: string, isHubReached: boolean): FolderLook {
  const key = join(path, "hub.key");
  const { bavail, bsize } = statfsSync(nearestThere(path));
  return {
    path,
    folder: folderState(path),
    keyMode: existsSync(key) ? statSync(key).mode : null,
    diskFreeBytes: bavail * bsize,
    isHubReached,
  };
}

/** A folder that is not there yet will be on the disk of the one above it. */
function nearestThere(path: string): string {
  let folder = resolve(path);
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}
