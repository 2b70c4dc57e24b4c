import type { FolderState } from "@waybill/storage";
import { bytesText } from "../units-text.ts";
import { type Check, ok, warning, wrong } from "./check.ts";
import { diskCheck } from "./hub-checks.ts";

const OTHERS_MAY = 0o077;

export type FolderLook = {
  path: string;
  folder: FolderState;
  /** `null`: there is no key file. */
  keyMode: number | null;
  diskFreeBytes: number;
  isHubReached: boolean;
};

/** The local hub's files, also where no hub runs. */
export function folderChecks({ path, folder, keyMode, diskFreeBytes, isHubReached }: FolderLook): Check[] {
  return [
    stateCheck(path, folder, isHubReached),
    ...(folder.state === "none" || folder.state === "unfinished" ? [] : [formatCheck(folder)]),
    keyCheck(path, keyMode),
    // A hub that runs has told of its own disk.
    ...(isHubReached ? [] : [diskCheck(diskFreeBytes, folder.databaseBytes)]),
  ];
}

function stateCheck(path: string, { state, databaseBytes }: FolderState, isHubReached: boolean): Check {
  switch (state) {
    case "none":
      return ok("data folder", `${path}: nothing in it yet; a hub makes it at its start`);
    case "unfinished":
      return wrong(
        "data folder",
        `${path}: half of a copy, whose backup or restore was broken off.`,
        `Delete it, and restore again: npm run waybill -- restore BACKUP ${path}`,
      );
    case "held":
      if (isHubReached) return ok("data folder", `${path}, held by a hub`);
      return wrong(
        "data folder",
        `${path} is held by a program, and yet no hub answers.`,
        "Is it another address? Write --url. Else see whether the hub hangs: its log, and top.",
      );
    case "free":
      return ok("data folder", `${path}, ${bytesText(databaseBytes)}, held by nobody`);
  }
}

function formatCheck({ format, formatKnown }: FolderState): Check {
  if (format === null) return wrong("format", "waybill.db in it is no database of Waybill.", "Name another folder: --data DIR");
  if (format > formatKnown)
    return wrong(
      "format",
      `${format}; this version knows up to ${formatKnown}.`,
      "Start the newer version that wrote it; a downgrade is not possible.",
    );
  if (format < formatKnown)
    return warning(
      "format",
      `${format}; the next start brings it to ${formatKnown}, and older versions cannot read it then.`,
      "Keep a copy of the folder before the update.",
    );
  return ok("format", String(format));
}

function keyCheck(path: string, mode: number | null): Check {
  if (mode === null) return ok("key file", `no hub.key in ${path}: the hub has a key of its operator, or makes one at its first start`);
  if ((mode & OTHERS_MAY) === 0) return ok("key file", "hub.key, for its owner alone");
  return wrong(
    "key file",
    `Others may read hub.key (${(mode & 0o777).toString(8)}): whoever has it can sign any token.`,
    `chmod 600 ${path}/hub.key`,
  );
}
