/**
 * A store's own database: its truth. What an event caused, and the event's place, are written in one transaction; only then
 * is the event acked. Repeats are recognised by their place (queue, offset, redrive), as the protocol says, never by
 * their id: one event at two places would show. All vendors of a store share it, whichever process they are in.
 */
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Load } from "./workload.ts";

export type Effect = {
  queue: string;
  offset: number;
  redrive: number;
  id: string;
  parcel: string;
  producer: string;
  n: number;
  print: string;
  /** Whose socket it came through. */
  vendor: string;
};

export type Effects = {
  /** False: it was there already. */
  apply(store: string, effect: Effect): boolean;
  /** One more attempt of this event failed, or killed its process; returns how many did before. */
  tried(store: string, id: string): number;
  tries(store: string, id: string): number;
  readonly applied: number;
};

export const effectsFile = (dir: string, store: string): string => join(dir, `${store}.db`);

const schema = `
  CREATE TABLE IF NOT EXISTS effects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, at INTEGER NOT NULL, redrive INTEGER NOT NULL,
    id TEXT NOT NULL, parcel TEXT NOT NULL, producer TEXT NOT NULL, n INTEGER NOT NULL, print TEXT NOT NULL, vendor TEXT NOT NULL,
    UNIQUE (queue, at, redrive)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS tries (id TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

type Statements = { apply: StatementSync; tried: StatementSync; tries: StatementSync };

export function openEffects(dir: string): Effects {
  const stores = new Map<string, Statements>();
  let applied = 0;

  function open(store: string): Statements {
    const db = new DatabaseSync(effectsFile(dir, store));
    // A kill loses nothing of this; power cuts are another command's.
    db.exec("PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
    db.exec(schema);
    return {
      apply: db.prepare(
        `INSERT OR IGNORE INTO effects (queue, at, redrive, id, parcel, producer, n, print, vendor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      tried: db.prepare("INSERT INTO tries VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET count = count + 1"),
      tries: db.prepare("SELECT count FROM tries WHERE id = ?"),
    };
  }

  function of(store: string): Statements {
    const known = stores.get(store);
    if (known) return known;
    const opened = open(store);
    stores.set(store, opened);
    return opened;
  }

  const tries = (store: string, id: string): number => Number(of(store).tries.get(id)?.count ?? 0);

  return {
    get applied() {
      return applied;
    },
    apply(store, { queue, offset, redrive, id, parcel, producer, n, print, vendor }) {
      const { changes } = of(store).apply.run(queue, offset, redrive, id, parcel, producer, n, print, vendor);
      if (changes === 0) return false;
      applied++;
      return true;
    },
    tried(store, id) {
      const before = tries(store, id);
      of(store).tried.run(id);
      return before;
    },
    tries,
  };
}

/** What a store applies of an event that came through this vendor's socket. */
export function effectOf(
  delivery: { queue: string; offset: number; redrive: number; id: string; parcel: string },
  { load, print, vendor }: { load: Load; print: string; vendor: string },
): Effect {
  const { queue, offset, redrive, id, parcel } = delivery;
  return { queue, offset, redrive, id, parcel, producer: load.producer, n: load.n, print, vendor };
}
