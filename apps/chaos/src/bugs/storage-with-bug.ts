import { openSqliteStorage as open, type SqliteStorageOptions, type Storage } from "@waybill/storage";
import { openAckingEarly } from "./ack-before-commit.ts";
import { forgetful } from "./forget-repeats.ts";
import { confirmingTooMuch } from "./partial-batch-ack.ts";

// biome-ignore lint/performance/noBarrelFile: it stands in for the whole package; all else is the true one's.
export * from "@waybill/storage";

/** Of a lane or a subject, the bug's hub remembers so many events. */
const WINDOW = 4;

export async function openSqliteStorage(options: SqliteStorageOptions): Promise<Storage> {
  switch (process.env.WAYBILL_CHAOS_BUG) {
    case "ack-before-commit":
      return openAckingEarly(options);
    case "no-dedup":
      return forgetful(await open(options), { remembers: 0 });
    case "dedup-window-too-short":
      return forgetful(await open(options), { remembers: WINDOW });
    case "partial-batch-ack":
      return confirmingTooMuch(await open(options));
    default:
      throw new Error("This is none of the storage's bugs.");
  }
}
