/**
 * Drops settled history, run by run from the oldest segment on; each `yield` ends a transaction. What `main` has not
 * settled stays, and so does all of the tail.
 */
import type { DatabaseSync } from "node:sqlite";
import { int, text } from "../columns.ts";
import { mainGroup } from "../words.ts";
import type { Heads } from "./heads.ts";

const runsAtOnce = 512;

/** Answers how many events are gone. */
export function* trim(db: DatabaseSync, heads: Heads, limits: { beforeMs: number; queueEventsMax: number }): Generator<void, number, void> {
  const selectRuns = db.prepare(`
    SELECT place, first_offset, last_offset FROM run WHERE segment = ? AND (place, first_offset) > (?, ?) ORDER BY place, first_offset LIMIT ${runsAtOnce}`);
  const deleteRun = db.prepare("DELETE FROM run WHERE segment = ? AND place = ? AND first_offset = ?");
  const keepFrom = db.prepare("UPDATE queue SET first_kept = ? WHERE place = ?");
  const dropPages = db.prepare(`
    DELETE FROM directory WHERE place = ?1 AND first_offset < (SELECT max(first_offset) FROM directory WHERE place = ?1 AND first_offset <= ?2)`);
  const countDown = db.prepare("UPDATE segment SET events = events - ? WHERE id = ?");
  const dropSegment = db.prepare(
    "DELETE FROM segment WHERE id = ?1 AND id < (SELECT max(id) FROM segment) AND NOT EXISTS (SELECT 1 FROM run WHERE segment = ?1)",
  );
  const floorOf = floors(db);

  let dropped = 0;
  for (const segment of db.prepare("SELECT id, last_ms FROM segment ORDER BY id").all()) {
    const id = int(segment, "id");
    const isOld = int(segment, "last_ms") < limits.beforeMs;
    let after = { place: "", first: 0 };
    for (;;) {
      const runs = selectRuns.all(id, after.place, after.first);
      let events = 0;
      for (const run of runs) {
        const place = text(run, "place");
        const first = int(run, "first_offset");
        const last = int(run, "last_offset");
        after = { place, first };
        if (last > floorOf(place) || !(isOld || last <= heads.get(place).head - limits.queueEventsMax)) continue;
        deleteRun.run(id, place, first);
        keepFrom.run(last + 1, place);
        dropPages.run(place, last + 1);
        events += last - first + 1;
      }
      if (events > 0) countDown.run(events, id);
      dropped += events;
      if (runs.length < runsAtOnce) break;
      yield;
    }
    dropSegment.run(id);
    yield;
  }
  return dropped;
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
