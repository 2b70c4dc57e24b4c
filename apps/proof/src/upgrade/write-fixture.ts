/**
 * Keeps a data folder of the newest format with every kind of row, and the history of who wrote it, for later programs to
 * open: run it once with each new migration, `node apps/proof/src/upgrade/write-fixture.ts`, and commit the three files.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { everything } from "../workload/everything.ts";
import { RecordedStorage } from "../workload/recorded-storage.ts";
import { fixtureFiles, fixturesFolder } from "./fixtures.ts";

const root = mkdtempSync(join(tmpdir(), "waybill-fixture-"));
const [folder, history] = [join(root, "data"), join(root, "history")];
const recorded = await RecordedStorage.open(folder, history);
await everything(recorded);
const { format } = recorded.storage.info;
const keep = (what: string, path: string): void =>
  writeFileSync(join(fixturesFolder, `format-${format}.${what}.gz`), gzipSync(readFileSync(path), { level: 9 }));
// As a kill leaves it: a part of it is in the log only.
for (const name of fixtureFiles) keep(name, join(folder, name));
keep("history", history);
await recorded.close();
rmSync(root, { recursive: true });
