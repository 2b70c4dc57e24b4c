/** Whole copies of a data folder, made while the storage runs, each in a process of its own that can be ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { HubError } from "@waybill/events";
import { fileOf } from "./database.ts";
import type { BackupAnswer, BackupMade } from "./keeper/backup-worker.ts";
import { removePart } from "./place-whole.ts";

export type Backups = {
  /**
   * Rejects with DATA_EXISTS when the target holds a data folder already, with STORAGE_FULL when the disk has no room for it, and with
   * STORAGE_FAILED when it cannot be written, or is broken off. Nothing is left of what was not finished.
   */
  make(toPath: string): Promise<BackupMade>;
  /** Breaks off what is being copied. Resolves when nothing of it is left. */
  stop(): Promise<void>;
};

const script = fileURLToPath(new URL("./keeper/backup-process.ts", import.meta.url));

export function createBackups(folder: string): Backups {
  const underWay = new Map<ChildProcess, Promise<unknown>>();

  const copyTo = async (target: string, child: ChildProcess): Promise<BackupMade> => {
    const printed = child.stdout ? text(child.stdout) : Promise.resolve("");
    await once(child, "close").catch(() => {}); // It could not be started: then nothing is printed either.
    const line = await printed;
    if (line === "") {
      removePart(target);
      throw new HubError("STORAGE_FAILED", `The backup to ${target} was broken off. Nothing else was harmed; make it again.`);
    }
    // Our own program wrote it, as JSON of that type.
    const answer = JSON.parse(line) as BackupAnswer;
    if ("made" in answer) return answer.made;
    const { code, message } = answer.failure;
    throw new HubError(code, `The backup to ${target} failed: ${message} Nothing else was harmed.`);
  };

  return {
    async make(toPath) {
      const target = resolve(toPath);
      if (existsSync(fileOf(target))) throw new HubError("DATA_EXISTS", `There is a data folder in ${target} already.`);
      mkdirSync(target, { recursive: true });
      // With this process's own flags, as a thread of it would have them.
      const child = spawn(process.execPath, [...process.execArgv, script, folder, target], { stdio: ["pipe", "pipe", "ignore"] });
      const made = copyTo(target, child);
      underWay.set(child, made);
      try {
        return await made;
      } finally {
        underWay.delete(child);
      }
    },
    async stop() {
      for (const child of underWay.keys()) child.kill("SIGKILL");
      await Promise.allSettled(underWay.values());
    },
  };
}
