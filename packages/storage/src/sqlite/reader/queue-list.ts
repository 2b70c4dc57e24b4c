/** Queues by name, from two sources in one order: those that were sealed, and those that only the tail knows. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Page, QueueSummary } from "../../port.ts";
import { placeOf, placeParts } from "../codec/batch-codec.ts";
import { int, text } from "../columns.ts";
import { mainGroup } from "../words.ts";
import type { EventReads } from "./event-reads.ts";
import type { SortedPlaces } from "./sorted-places.ts";

export class QueueList {
  private readonly events: EventReads;
  private readonly places: SortedPlaces;
  private readonly selectQueues: StatementSync;
  private readonly selectSettled: StatementSync;
  private readonly selectGroups: StatementSync;

  constructor(db: DatabaseSync, events: EventReads, places: SortedPlaces) {
    this.events = events;
    this.places = places;
    this.selectQueues = db.prepare("SELECT place FROM queue WHERE place >= ? AND place < ? ORDER BY place LIMIT ?");
    this.selectSettled = db.prepare(
      `SELECT cursor - open_count - parked_count AS settled FROM subscription WHERE place = ? AND grp = '${mainGroup}'`,
    );
    this.selectGroups = db.prepare("SELECT grp FROM subscription WHERE place = ? ORDER BY grp");
  }

  page({ tenant, kind, after, limit }: { tenant: string; kind: string | null; after: string; limit: number }): Page<QueueSummary> {
    // "0" is the character behind "/": all places of the tenant, or of the kind, lie before it.
    const [start, end] = kind === null ? [`${tenant}/`, `${tenant}0`] : [`${tenant}/${kind}/`, `${tenant}/${kind}0`];
    const behind = placeOf(tenant, after);
    const from = behind > start ? behind : start;
    // One more than is answered, and one for `after` itself.
    const sealed = this.selectQueues.all(from, end, limit + 2).map((row) => text(row, "place"));
    const places = [...new Set([...sealed, ...this.places.page(from, end, limit + 2)])].filter((place) => place > behind).sort();
    return { rows: places.slice(0, limit).map((place) => this.summary(place)), more: places.length > limit };
  }

  groups(place: string): string[] {
    const written = this.selectGroups.all(place).map((row) => text(row, "grp"));
    return [...new Set([...written, mainGroup])].sort();
  }

  private summary(place: string): QueueSummary {
    const { head, firstKept } = this.events.queue(place);
    const row = this.selectSettled.get(place);
    return { queue: placeParts(place).queue, head, firstKept, pending: head - (row === undefined ? 0 : int(row, "settled")) };
  }
}
