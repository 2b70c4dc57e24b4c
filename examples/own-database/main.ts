/**
 * A store that keeps its own books. Each event and its position are written in ONE transaction of its own database: whatever is killed, and
 * whenever, the table has each event once, in the queue's order. When the database is put back to an older copy, what it lacks comes again.
 */
import { DatabaseSync } from "node:sqlite";
import { createVendor, type DatabasePosition, type Delivery, type ParcelEvent } from "@waybill/client";

const { WAYBILL_URL = "http://127.0.0.1:3000", WAYBILL_TOKEN = "", DATABASE = "books.db" } = process.env;

const db = new DatabaseSync(DATABASE);
db.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS entry (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, parcel TEXT NOT NULL, type TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS position (queue TEXT PRIMARY KEY, generation INTEGER NOT NULL, "offset" INTEGER NOT NULL) STRICT;
`);
const enter = db.prepare("INSERT INTO entry (id, parcel, type) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING");
const moveTo = db.prepare("INSERT OR REPLACE INTO position VALUES (?, ?, ?)");
const positionOf = db.prepare(`SELECT generation, "offset" FROM position WHERE queue = ?`);

/** The effect and where it came from, or neither. Thrown, it is a nack: the event comes again, and nothing behind it before. */
function keep(event: ParcelEvent, { queue, generation, offset, redrive }: Delivery): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    // An event whose ack was lost comes again. Other effects than this insert go here, where `changes` says that it is new.
    enter.run(event.id, event.parcel, event.type);
    // What an operator sends again comes late: it does not move the position.
    if (redrive === 0) moveTo.run(queue, generation, offset);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

/** What is in the database, not what this process remembers: asked before each subscribe. */
function resume(queue: string): DatabasePosition | null {
  const row = positionOf.get(queue);
  return row === undefined ? null : { generation: Number(row.generation), offset: Number(row.offset) };
}

const vendor = createVendor({ url: WAYBILL_URL, token: WAYBILL_TOKEN });
vendor.onOther(keep);
vendor.listen("resumed", ({ queue, how, position, floor }) =>
  console.warn(`${queue}: ${how}, from ${position.offset}; the hub goes on at ${floor}`),
);
vendor.listen("gap", ({ queue, from, to }) => console.warn(`${queue}: ${from} to ${to} were retained away, these books lack them`));
vendor.listen("error", (error) => console.error(error.message));
await vendor.start({ group: "books", order: "queue", from: "start", resume });
console.log(JSON.stringify({ msg: "ready" }));

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void vendor.close().then(() => db.close()));
