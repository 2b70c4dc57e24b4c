/**
 * Keeps a data folder of the newest format for later programs to open: run it once with each new migration,
 * `node packages/storage/test/write-fixture.ts`, and commit the file.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { openSqliteStorage } from "../src/index.ts";
import { append, numbered, plain, range, tenant, writeProgress } from "./conformance/items.ts";
import { newFolder, removeFolder } from "./sqlite-folder.ts";

const startMs = 1_700_000_000_000;
const path = newFolder();
const storage = await openSqliteStorage({ path, ballastBytes: 0, segmentEvents: 16, wallMs: () => startMs });
for (const n of range(1, 40))
  await append(storage, [numbered(n), plain(`x${n}`, { home: "store/other", copies: [{ queue: "zone/z" }] })], startMs + n);
const progress = { generation: 1, cursor: 33, open: [[30, 31]] as const, offeredTo: 35, ackedTo: 0, paused: false };
await writeProgress(storage, { tenant, queue: "store/acme", group: "main" }, { progress });
const ledger = { tenant, queue: "store/acme", group: "ledger" };
await storage.createSubscription(ledger, { start: "start", types: null, policy: "skip", order: "queue" });
await writeProgress(storage, ledger, { progress: { ...progress, open: [], ackedTo: 33 } });
await storage.close();
const fixture = fileURLToPath(new URL(`./fixtures/format-${storage.info.format}.db.gz`, import.meta.url));
writeFileSync(fixture, gzipSync(readFileSync(join(path, "waybill.db"))));
removeFolder(path);
