/** A folder is told from outside: who has it, and which format it is, without a change to its files. */
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { folderState, openSqliteStorage } from "../src/index.ts";
import { newFolder, removeFolder } from "./sqlite-folder.ts";

test("none, held, free, unfinished, too new, another program's", async () => {
  const path = newFolder();
  onTestFinished(() => removeFolder(path));
  const { formatKnown } = folderState(path);
  expect(folderState(path)).toMatchObject({ state: "none", format: null, databaseBytes: 0 });
  expect(readdirSync(path)).toEqual([]);
  const storage = await openSqliteStorage({ path, ballastBytes: 0 });
  expect(folderState(path)).toMatchObject({ state: "held" });
  await storage.close();
  expect(folderState(path)).toMatchObject({ state: "free", format: formatKnown, walBytes: 0 });

  const database = openSync(join(path, "waybill.db"), "r+");
  const version = Buffer.alloc(4);
  version.writeUInt32BE(formatKnown + 1);
  writeSync(database, version, 0, 4, 60);
  closeSync(database);
  expect(folderState(path).format).toBe(formatKnown + 1);
  writeFileSync(join(path, "waybill.db"), Buffer.alloc(4_096, 7));
  expect(folderState(path)).toMatchObject({ state: "free", format: null });

  const half = join(path, "half");
  mkdirSync(half);
  writeFileSync(join(half, "waybill.db.part"), "");
  expect(folderState(half)).toMatchObject({ state: "unfinished" });
});
