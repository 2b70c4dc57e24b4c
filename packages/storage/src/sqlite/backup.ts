/** A whole copy of a data folder, made while the storage runs, in a thread of its own. */
import { existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { HubError } from "@waybill/events";
import { fileOf } from "./database.ts";
import type { BackupAnswer, BackupMade, BackupOptions } from "./keeper/backup-worker.ts";

/**
 * Rejects with DATA_EXISTS when the target holds a data folder already, with STORAGE_FULL when the disk has no room for it, and with
 * STORAGE_FAILED when it cannot be written. Nothing is left of what was not finished.
 */
export async function backup(folder: string, toPath: string): Promise<BackupMade> {
  const target = resolve(toPath);
  if (existsSync(fileOf(target))) throw new HubError("DATA_EXISTS", `There is a data folder in ${target} already.`);
  mkdirSync(target, { recursive: true });
  const workerData: BackupOptions = { from: folder, to: target };
  const worker = new Worker(new URL("./keeper/backup-worker.ts", import.meta.url), { workerData });
  const answer = await new Promise<BackupAnswer>((done, fail) => {
    worker.once("message", done);
    worker.once("error", (cause) =>
      fail(new HubError("STORAGE_FAILED", `The backup to ${target} broke off. Nothing else was harmed.`, { cause })),
    );
    worker.once("exit", () => fail(new HubError("STORAGE_FAILED", `The backup to ${target} ended without an answer.`)));
  });
  if ("made" in answer) return answer.made;
  const { code, message } = answer.failure;
  throw new HubError(code, `The backup to ${target} failed: ${message} Nothing else was harmed.`);
}
