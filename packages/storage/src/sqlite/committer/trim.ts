/**
 * Drops settled history, run by run from the oldest segment on; each `yield` ends a transaction. What `main` has not
 * settled stays, and so does all of the tail. Segments that are not old yet are looked at for those queues alone that
 * have too many events: of millions of stored events a trim that has nothing to do sees next to nothing.
 */
import type { DatabaseSync } from "node:sqlite";
import { int, type Row, text } from "../columns.ts";
import { mainGroup } from "../words.ts";
import type { Heads } from "./heads.ts";

const runsAtOnce = 512;
/** Of one segment; each has 128 runs there at most. */
const longQueuesAtOnce = 16;
const queuesAtOnce = 4_096;

type Limits = { beforeMs: number; queueEventsMax: number };
/** `tailEvents`: over all queues; as many a queue may have beyond what its row says. */
type Ends = { heads: Heads; tailEvents: number };

/** Answers how many events are gone. */
export function* trim(db: DatabaseSync, { heads, tailEvents }: Ends, limits: Limits): Generator<void, number, void> {
  const deleteRun = db.prepare("DELETE FROM run WHERE segment = ? AND place = ? AND first_offset = ?");
  const keepFrom = db.prepare("UPDATE queue SET first_kept = ? WHERE place = ? AND first_kept = ?");
  const dropPages = db.prepare(`
    DELETE FROM directory WHERE place = ?1 AND first_offset < (SELECT max(first_offset) FROM directory WHERE place = ?1 AND first_offset <= ?2)`);
  const countDown = db.prepare("UPDATE segment SET events = events - ? WHERE id = ?");
  const dropSegment = db.prepare(
    "DELETE FROM segment WHERE id = ?1 AND id < (SELECT max(id) FROM segment) AND NOT EXISTS (SELECT 1 FROM run WHERE segment = ?1)",
  );
  const floorOf = floors(db);
  const allRuns = pagesOfSegment(db);
  const runsOf = pagesOfQueues(db);
  const longQueues = yield* queuesBeyond(db, limits.queueEventsMax - tailEvents);

  let dropped = 0;
  for (const segment of db.prepare("SELECT id, last_ms FROM segment ORDER BY id").all()) {
    const id = int(segment, "id");
    const isOld = int(segment, "last_ms") < limits.beforeMs;
    if (!isOld && longQueues.length === 0) continue;
    for (const runs of isOld ? allRuns(id) : runsOf(id, longQueues)) {
      let events = 0;
      for (const run of runs) {
        const place = text(run, "place");
        const first = int(run, "first_offset");
        const last = int(run, "last_offset");
        if (last > floorOf(place) || !(isOld || last <= heads.get(place).head - limits.queueEventsMax)) continue;
        // `main` goes on between two transactions: what it had not settled when its run was looked at keeps all behind it.
        if (Number(keepFrom.run(last + 1, place, first).changes) === 0) continue;
        deleteRun.run(id, place, first);
        dropPages.run(place, last + 1);
        events += last - first + 1;
      }
      if (events > 0) countDown.run(events, id);
      dropped += events;
      yield;
    }
    dropSegment.run(id);
    yield;
  }
  return dropped;
}

type Pages = Generator<Row[], void, void>;

function pagesOfSegment(db: DatabaseSync): (segment: number) => Pages {
  const select = db.prepare(`
    SELECT place, first_offset, last_offset FROM run WHERE segment = ? AND (place, first_offset) > (?, ?) ORDER BY place, first_offset LIMIT ${runsAtOnce}`);
  return function* (segment) {
    let after = { place: "", first: 0 };
    for (;;) {
      const runs = select.all(segment, after.place, after.first);
      const last = runs.at(-1);
      if (last === undefined) return;
      after = { place: text(last, "place"), first: int(last, "first_offset") };
      yield runs;
      if (runs.length < runsAtOnce) return;
    }
  };
}

function pagesOfQueues(db: DatabaseSync): (segment: number, places: readonly string[]) => Pages {
  const select = db.prepare("SELECT place, first_offset, last_offset FROM run WHERE segment = ? AND place = ? ORDER BY first_offset");
  return function* (segment, places) {
    for (let from = 0; from < places.length; from += longQueuesAtOnce)
      yield places.slice(from, from + longQueuesAtOnce).flatMap((place) => select.all(segment, place));
  };
}

/** Queues with more kept events than that, as of their rows. */
function* queuesBeyond(db: DatabaseSync, events: number): Generator<void, string[], void> {
  const select = db.prepare(`SELECT place, head - first_kept AS events FROM queue WHERE place > ? ORDER BY place LIMIT ${queuesAtOnce}`);
  const found: string[] = [];
  for (let after = ""; ; ) {
    const rows = select.all(after);
    for (const row of rows) if (int(row, "events") >= events) found.push(text(row, "place"));
    const last = rows.at(-1);
    if (last === undefined || rows.length < queuesAtOnce) return found;
    after = text(last, "place");
    yield;
  }
}

/** What `main` has settled of a queue, by the queue's name; 0 before its first write. */
function floors(db: DatabaseSync): (place: string) => number {
  const select = db.prepare(`
    SELECT min(cursor + 1, iif(open_count > 0, open_first, cursor + 1),
      ifnull((SELECT min(first) FROM parked WHERE place = s.place AND grp = s.grp), cursor + 1)) - 1 AS floor
    FROM subscription AS s WHERE place = ? AND grp = '${mainGroup}'`);
  return (place) => {
    const row = select.get(place);
    return row === undefined ? 0 : int(row, "floor");
  };
}
