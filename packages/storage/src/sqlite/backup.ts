/** A whole copy of a data folder, made while the storage runs, in a thread of its own. */
import { existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { HubError } from "@waybill/events";
import { fileOf } from "./database.ts";
import type { BackupOptions } from "./keeper/backup-worker.ts";

/** Rejects with DATA_EXISTS when the target holds a data folder already, with STORAGE_FAILED when it cannot be written. */
export async function backup(folder: string, toPath: string): Promise<void> {
  const target = resolve(toPath);
  if (existsSync(fileOf(target))) throw new HubError("DATA_EXISTS", `There is a data folder in ${target} already.`);
  mkdirSync(target, { recursive: true });
  const workerData: BackupOptions = { from: folder, to: target };
  const worker = new Worker(new URL("./keeper/backup-worker.ts", import.meta.url), { workerData });
  await new Promise<void>((done, fail) => {
    worker.once("error", (cause: Error) =>
      fail(new HubError("STORAGE_FAILED", `The backup to ${target} failed (${cause.message}). Nothing else was harmed.`, { cause })),
    );
    worker.once("exit", (code) => code === 0 && done());
  });
}
