/** SQLite storages in folders of their own, removed when their test has ended. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStorage, type SqliteStorageOptions } from "../src/index.ts";
import type { Open } from "./conformance/harness.ts";

export const newFolder = (): string => mkdtempSync(join(tmpdir(), "waybill-storage-"));
export const removeFolder = (path: string): void => rmSync(path, { recursive: true, force: true });

export function opener(settings: Omit<SqliteStorageOptions, "path">): Open {
  return async (options = {}) => {
    const path = newFolder();
    let storage = await openSqliteStorage({ path, ballastBytes: 0, ...settings, ...options });
    return {
      storage,
      async reopen() {
        await storage.close();
        storage = await openSqliteStorage({ path, ballastBytes: 0, ...settings, ...options });
        return storage;
      },
      async close() {
        await storage.close();
        removeFolder(path);
      },
    };
  };
}
