/** What went wrong, in the words of the error table. */
import type { HubErrorCode } from "@waybill/events";
import type { Failure } from "./protocol.ts";
import { Fault } from "./words.ts";

const SQLITE_FULL = 13;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
/** A page that the file should have lies behind its end: somebody cut it. */
const SQLITE_IOERR_SHORT_READ = 522;
/** The shared-memory file could not grow: the disk is full, under another name. */
const SQLITE_IOERR_SHMSIZE = 4874;

function errcodeOf(error: unknown): number {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : 0;
}

function codeOf(error: unknown): HubErrorCode {
  if (error instanceof Fault) return error.code;
  const errcode = errcodeOf(error);
  if (errcode === SQLITE_FULL || errcode === SQLITE_IOERR_SHMSIZE) return "STORAGE_FULL";
  if (error instanceof Error && "code" in error && error.code === "ENOSPC") return "STORAGE_FULL";
  if (errcode === SQLITE_IOERR_SHORT_READ) return "DATA_DAMAGED";
  const primary = errcode & 0xff;
  return primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB ? "DATA_DAMAGED" : "STORAGE_FAILED";
}

/** After an I/O error, a failed sync above all, the file's handle is not to be trusted any more. */
export function needsReopening(error: unknown): boolean {
  const errcode = errcodeOf(error);
  return (errcode & 0xff) === SQLITE_IOERR && errcode !== SQLITE_IOERR_SHMSIZE;
}

export function failureOf(error: unknown): Failure {
  const code = codeOf(error);
  if (error instanceof Fault) return { code, message: error.message };
  const found = error instanceof Error ? error.message : String(error);
  if (code === "STORAGE_FULL")
    return {
      code,
      message:
        "The disk is full: nothing of this was stored, and nothing that was confirmed is lost. Free some space; publishes then go on.",
    };
  if (code === "DATA_DAMAGED")
    return {
      code,
      message: `The data folder does not read as it was written (${found}). Restore the latest backup; keep the folder for inspection.`,
    };
  return { code, message: `The storage could not write (${found}). Nothing of this was stored.` };
}
