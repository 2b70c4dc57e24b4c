/** A closed data folder with a bit of everything in it, and how to damage it. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { openSqliteStorage, type Storage } from "../src/index.ts";
import { bufferOf } from "../src/sqlite/codec/bytes.ts";
import { Run, RunWriter } from "../src/sqlite/codec/run-codec.ts";
import { append, byHub, numbered, plain, range, tenant, voidOf, writeProgress } from "./conformance/items.ts";
import { newFolder, removeFolder } from "./sqlite-folder.ts";

export const main = { tenant, queue: "store/acme", group: "main" };
const body = (id: string): string => JSON.stringify({ id, store: "acme" });

export function folder(): string {
  const path = newFolder();
  onTestFinished(() => removeFolder(path));
  return path;
}

/** A bit of everything: lanes with voids, plain ids, copies, a claim, progress of every kind; some sealed, some not. */
export async function fill(storage: Storage): Promise<void> {
  for (const n of range(1, 20)) {
    const id = `e${n}`;
    const items = [
      numbered(n * 2 - 1, { id, body: body(id), copies: n % 3 === 0 ? [{ queue: "zone/north" }] : [] }),
      voidOf(n * 2),
      plain(`p${n}`, { body: body(`p${n}`) }),
      byHub(`h${n}`, { home: "store/other" }),
    ];
    await append(storage, items);
  }
  const ready = { id: "ready-1", type: "ready", parcel: "p7", body: body("ready-1") };
  const free = { state: "free" as const, epoch: 1, store: "acme", zone: "north", sinceMs: 1 };
  await append(storage, [byHub("ready-1", { ...ready, copies: [{ queue: "zone/north" }], claim: { expectEpoch: 0, next: free } })]);
  const [{ claim: held, readyOffset } = { claim: free, readyOffset: 0 }] = await storage.claims(tenant, ["p7"]);
  const copy = { id: "ready-1", type: "ready", homeOffset: readyOffset, body: Buffer.from(body("ready-1")) };
  const again = { expectEpoch: held.epoch, next: { ...free, epoch: 2 } };
  await append(storage, [
    byHub("released-1", { type: "released", parcel: "p7", copies: [{ queue: "zone/north", event: copy }], claim: again }),
  ]);
  await writeProgress(storage, main, {
    progress: {
      generation: 1,
      cursor: 30,
      open: [
        [12, 14],
        [20, 20],
      ],
      offeredTo: 30,
      ackedTo: 11,
      paused: false,
    },
    parked: { put: [{ key: "p1", first: 21, offsets: [21, 24] }], remove: [] },
    attempts: {
      put: [{ offset: 12, key: "p1", failed: 1, interrupted: 0, dueMs: 1, alone: false, stuck: true, redrive: 0, notes: [] }],
      remove: [],
    },
    dead: { put: [{ offset: 15, key: "p1", type: "x", buriedAtMs: 1, redrive: 0, notes: [], ref: new Uint8Array([1]) }], remove: [] },
  });
}

export async function filled(options: { segmentEvents?: number } = {}): Promise<string> {
  const path = folder();
  const storage = await openSqliteStorage({ path, ballastBytes: 0, segmentEvents: 24, ...options });
  await fill(storage);
  await storage.close();
  return path;
}

/** Changes a closed folder by hand. */
export function change(path: string, work: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(join(path, "waybill.db"));
  work(db);
  db.close();
}

function blobOf(db: DatabaseSync, table: "run" | "tail", where: string): Buffer {
  const found = db.prepare(`SELECT blob FROM ${table} WHERE ${where}`).get()?.blob;
  if (!(found instanceof Uint8Array)) throw new Error(`no such row in ${table}`);
  return bufferOf(found);
}

export function flip(path: string, table: "run" | "tail", where: string): void {
  change(path, (db) => {
    const found = blobOf(db, table, where);
    const middle = Math.floor(found.length / 2);
    found[middle] = (found[middle] ?? 0) ^ 4;
    db.prepare(`UPDATE ${table} SET blob = ? WHERE ${where}`).run(found);
  });
}

/** Writes a run of its own again, its events as `edit` makes them; its checksum fits. */
export function rewriteRun(path: string, where: string, edit: (run: Run, writer: RunWriter) => void): void {
  change(path, (db) => {
    const run = new Run(blobOf(db, "run", where));
    const writer = new RunWriter();
    writer.start(run.first);
    edit(run, writer);
    db.prepare(`UPDATE run SET blob = ?, last_offset = ? WHERE ${where}`).run(writer.finish(), run.first + writer.count - 1);
  });
}
