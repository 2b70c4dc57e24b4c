/** A trim, step by step: what it looks at, and what may happen between two of its transactions. */
import type { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { openSqliteStorage } from "../src/index.ts";
import { Heads } from "../src/sqlite/committer/heads.ts";
import { trim } from "../src/sqlite/committer/trim.ts";
import { openWriter } from "../src/sqlite/database.ts";
import { TailIndex } from "../src/sqlite/shared/tail-index.ts";
import { append, byHub, range, readAll, tenant, writeProgress } from "./conformance/items.ts";
import { newFolder, removeFolder } from "./sqlite-folder.ts";

const QUEUES = 10;
const EVENTS = 64;
const options = { ballastBytes: 0, segmentEvents: 64 };

/** Ten queues of 64 events each, sealed in ten segments and more; `main` of each has settled so many. */
async function filled(settled: number): Promise<string> {
  const path = newFolder();
  onTestFinished(() => removeFolder(path));
  const storage = await openSqliteStorage({ path, ...options });
  const queues = range(1, QUEUES).map((n) => `store/s${n}`);
  for (const n of range(1, EVENTS))
    await append(
      storage,
      queues.map((home) => byHub(`${home}-${n}`, { home })),
      1_000 + n,
    );
  const progress = { generation: 1, cursor: settled, open: [], offeredTo: settled, ackedTo: settled, paused: false };
  for (const queue of queues) await writeProgress(storage, { tenant, queue, group: "main" }, { progress });
  await storage.close();
  return path;
}

/** Runs `look` on the folder's file, as the storage's writer has it. */
function onFile<T>(path: string, look: (db: DatabaseSync, ends: Parameters<typeof trim>[1]) => T): T {
  const db = openWriter(path, 1_048_576);
  try {
    return look(db, { heads: new Heads(db, new TailIndex(), 1_000_000), tailEvents: 0 });
  } finally {
    db.close();
  }
}

function run(steps: ReturnType<typeof trim>): { events: number; steps: number } {
  for (let count = 0; ; count++) {
    const { done, value } = steps.next();
    if (done === true) return { events: value, steps: count };
  }
}

test("young segments are not looked at while no queue has too many events", async () => {
  const path = await filled(EVENTS);
  onFile(path, (db, ends) => {
    expect(run(trim(db, ends, { beforeMs: 0, queueEventsMax: EVENTS }))).toEqual({ events: 0, steps: 0 });
    expect(run(trim(db, ends, { beforeMs: 5_000, queueEventsMax: EVENTS })).events).toBeGreaterThan(QUEUES * 40);
  });
});

test("a queue that has too many events loses the settled ones of them, and no other queue does", async () => {
  const path = await filled(EVENTS);
  const storage = await openSqliteStorage({ path, ...options });
  await append(
    storage,
    range(EVENTS + 1, 3 * EVENTS).map((n) => byHub(`more-${n}`, { home: "store/s1" })),
    2_000,
  );
  await storage.trim({ beforeMs: 0, queueEventsMax: 2 * EVENTS });
  const kept = await Promise.all(["store/s1", "store/s2"].map(async (queue) => (await readAll(storage, queue)).length));
  await storage.close();
  expect(kept[0]).toBeGreaterThanOrEqual(2 * EVENTS);
  expect(kept[0]).toBeLessThan(3 * EVENTS);
  expect(kept[1]).toBe(EVENTS);
});

test("what main settles while a trim is at a later segment does not tear a hole into the history", async () => {
  const path = await filled(EVENTS / 2);
  onFile(path, (db, ends) => {
    const steps = trim(db, ends, { beforeMs: 5_000, queueEventsMax: 1_000_000 });
    const segments = Number(db.prepare("SELECT count(*) AS n FROM segment").get()?.n);
    // Two steps for each segment: past the one in which `main` stands.
    for (let step = 0; step < segments + 3; step++) steps.next();
    db.prepare("UPDATE subscription SET cursor = ?").run(EVENTS);
    run(steps);
  });
  const storage = await openSqliteStorage({ path, ...options });
  onTestFinished(() => storage.close());
  for (const n of range(1, QUEUES)) {
    const { firstKept } = await storage.read(tenant, `store/s${n}`, 1, { eventsMax: 0, bytesMax: 0 });
    const offsets = (await readAll(storage, `store/s${n}`)).map(({ offset }) => offset);
    expect(offsets).toEqual(range(firstKept, EVENTS));
    expect(firstKept).toBeLessThanOrEqual(EVENTS / 2 + 1);
  }
});
