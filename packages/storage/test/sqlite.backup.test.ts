/** A backup is a process of its own: it ends with the storage that asked for it, and leaves nothing of what is not whole. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { openSqliteStorage } from "../src/index.ts";
import { append, numbered } from "./conformance/items.ts";
import { folder } from "./filled-folder.ts";

async function openFilled() {
  const path = folder();
  const storage = await openSqliteStorage({ path, ballastBytes: 0 });
  onTestFinished(() => storage.close());
  await append(storage, [numbered(1)]);
  return { path, storage };
}

test("[P19] a storage that is closed waits for no backup: it is broken off, and nothing of it is left", async () => {
  const { path, storage } = await openFilled();
  const target = join(folder(), "copy");
  const made = storage.backup(target).then(
    () => "made",
    (error: unknown) => error,
  );
  await storage.close();
  expect(await made).toMatchObject({ code: "STORAGE_FAILED", message: expect.stringContaining("broken off") });
  expect(readdirSync(target)).toEqual([]);
  const again = await openSqliteStorage({ path, ballastBytes: 0 });
  expect(await again.backup(target)).toMatchObject({ events: 1 });
  await again.close();
});

test("[P19] whoever kills the hub ends its backup, which is a reader that would keep the log from being cut", async () => {
  const { path } = await openFilled();
  const script = fileURLToPath(new URL("../src/sqlite/keeper/backup-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, path, join(folder(), "none", "copy")], { stdio: ["pipe", "pipe", "ignore"] });
  // As it is when the process at the other end is gone.
  child.stdin.end();
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
});
