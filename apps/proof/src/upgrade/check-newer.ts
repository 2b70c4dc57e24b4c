/** A folder of a format that this program does not know yet must be refused by whoever opens it, and left as it is. */
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStorage, restoreFolder, verifyFolder } from "@waybill/storage";
import type { Violation } from "../judge/judge.ts";
import { fixtureFiles, unpackFixture } from "./fixtures.ts";

/** The lock is made by whoever looks, and says nothing. */
const isData = (name: string): boolean => !name.startsWith("lock.db");

export async function checkNewer(root: string, newest: number): Promise<Violation[]> {
  const folder = join(root, "newer");
  unpackFixture(newest, { folder, history: join(root, "newer.history") });
  makeNewer(folder, newest + 1);
  const before = contentOf(folder);
  const tries: Record<string, () => unknown> = {
    "the storage": () => openSqliteStorage({ path: folder, ballastBytes: 0 }),
    verify: () => verifyFolder(folder),
    restore: () => restoreFolder({ from: folder, to: join(root, "restored") }),
  };
  const violations: Violation[] = [];
  for (const [who, open] of Object.entries(tries)) {
    const said = await codeOf(open);
    if (said !== "DATA_TOO_NEW") violations.push({ kind: "refused", what: `${who} answered ${said} to format ${newest + 1}` });
  }
  if (contentOf(folder) !== before) violations.push({ kind: "damaged", what: `a folder of format ${newest + 1} was touched` });
  return violations;
}

/** Its number is in the log only, as it is when the newer program was killed right behind its migration. */
function makeNewer(folder: string, format: number): void {
  const work = `${folder}-work`;
  cpSync(folder, work, { recursive: true });
  const [reader, db] = [new DatabaseSync(join(work, "waybill.db")), new DatabaseSync(join(work, "waybill.db"))];
  // While somebody reads, nothing of the log is copied into the database.
  reader.exec("BEGIN; SELECT count(*) FROM meta");
  db.exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = ${format}`);
  for (const name of fixtureFiles) copyFileSync(join(work, name), join(folder, name));
  reader.close();
  db.close();
}

async function codeOf(open: () => unknown): Promise<string> {
  try {
    await open();
    return "nothing";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

function contentOf(folder: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder).filter(isData).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest("hex");
}
