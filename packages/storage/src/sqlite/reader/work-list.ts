/**
 * Subscriptions with something left to do, in the order (queue, group). Three sources in one order: rows of subscriptions,
 * sealed queues, and queues that only the tail knows; the latter two have group `main` without a row.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { placeOf } from "../codec/batch-codec.ts";
import { int, text } from "../columns.ts";
import { mainGroup } from "../words.ts";
import type { EventReads } from "./event-reads.ts";
import type { SortedPlaces } from "./sorted-places.ts";

export type Work = { place: string; group: string; floor: number; head: number; pending: number; stuck: number; dead: number };

export class WorkList {
  private readonly events: EventReads;
  private readonly selectWritten: StatementSync;
  private readonly selectQueues: StatementSync;
  private readonly selectFloor: StatementSync;
  private readonly places: SortedPlaces;

  constructor(db: DatabaseSync, events: EventReads, places: SortedPlaces) {
    this.events = events;
    this.places = places;
    this.selectWritten = db.prepare(
      "SELECT place, grp FROM subscription WHERE (place, grp) > (?, ?) AND place < ? ORDER BY place, grp LIMIT ?",
    );
    this.selectQueues = db.prepare("SELECT place FROM queue WHERE place >= ? AND place < ? ORDER BY place LIMIT ?");
    this.selectFloor = db.prepare(`
      SELECT min(cursor + 1, iif(open_count > 0, open_first, cursor + 1),
          ifnull((SELECT min(first) FROM parked WHERE place = s.place AND grp = s.grp), cursor + 1)) - 1 AS floor,
        cursor - open_count - parked_count AS settled,
        (SELECT count(*) FROM attempt WHERE place = s.place AND grp = s.grp AND stuck = 1) AS stuck,
        (SELECT count(*) FROM dead WHERE place = s.place AND grp = s.grp) AS dead
      FROM subscription AS s WHERE place = ? AND grp = ?`);
  }

  page(tenant: string, after: { queue: string; group: string } | null, limit: number): { rows: Work[]; more: boolean } {
    const rows: Work[] = [];
    let from = { place: after === null ? `${tenant}/` : placeOf(tenant, after.queue), group: after?.group ?? "" };
    for (;;) {
      const candidates = this.candidates(tenant, from, limit + 1);
      for (const { place, group } of candidates) {
        const work = this.work(place, group);
        if (work.floor < work.head || work.dead > 0) rows.push(work);
        if (rows.length > limit) return { rows: rows.slice(0, limit), more: true };
      }
      const last = candidates.at(-1);
      if (last === undefined || candidates.length <= limit) return { rows, more: false };
      from = last;
    }
  }

  /** The next keys in order, whether or not they have anything to do. */
  private candidates(tenant: string, from: { place: string; group: string }, count: number): { place: string; group: string }[] {
    // "0" is the character behind "/": all places of the tenant lie before it.
    const end = `${tenant}0`;
    const written = this.selectWritten
      .all(from.place, from.group, end, count)
      .map((row) => ({ place: text(row, "place"), group: text(row, "grp") }));
    const sealed = this.selectQueues.all(from.place, end, count + 1).map((row) => text(row, "place"));
    const mains = [...sealed, ...this.places.page(from.place, end, count + 1)].map((place) => ({ place, group: mainGroup }));
    const all = new Map([...written, ...mains].map((key) => [`${key.place} ${key.group}`, key]));
    return [...all.values()]
      .filter((key) => compare(key, from) > 0)
      .sort(compare)
      .slice(0, count);
  }

  private work(place: string, group: string): Work {
    const row = this.selectFloor.get(place, group);
    const { head } = this.events.queue(place);
    if (row === undefined) return { place, group, floor: 0, head, pending: head, stuck: 0, dead: 0 };
    const pending = head - int(row, "settled");
    return { place, group, floor: int(row, "floor"), head, pending, stuck: int(row, "stuck"), dead: int(row, "dead") };
  }
}

function compare(a: { place: string; group: string }, b: { place: string; group: string }): number {
  if (a.place !== b.place) return a.place < b.place ? -1 : 1;
  return a.group === b.group ? 0 : a.group < b.group ? -1 : 1;
}
