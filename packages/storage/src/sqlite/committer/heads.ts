/** Each queue's last offset, kept here and in no row that the confirm path would have to write. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { int } from "../columns.ts";
import type { TailIndex } from "../shared/tail-index.ts";
import { mainGroup } from "../words.ts";

/** `tailSegment`: the last segment with an event of it that is not sealed; such a head is not in its row yet. */
export type Head = { place: string; head: number; tailSegment: number };

/** More are forgotten, except those that only the tail knows. */
const headsMax = 200_000;

export class Heads {
  private readonly heads = new Map<string, Head>();
  private readonly select: StatementSync;
  private readonly selectSettled: StatementSync;
  private readonly eventsMax: number;
  /** All queues that ever had an event. */
  queues: number;

  constructor(db: DatabaseSync, index: TailIndex, eventsMax: number) {
    this.select = db.prepare("SELECT head FROM queue WHERE place = ?");
    this.selectSettled = db.prepare(
      `SELECT cursor - open_count - parked_count AS settled FROM subscription WHERE place = ? AND grp = '${mainGroup}'`,
    );
    this.eventsMax = eventsMax;
    this.queues = int(db.prepare("SELECT count(*) AS n FROM queue").get() ?? {}, "n");
    for (const segment of index.segments) {
      for (const [place, { first, count }] of segment.places) {
        if (count === 0) continue;
        if (first === 1 && this.select.get(place) === undefined) this.queues += 1;
        this.heads.set(place, { place, head: first + count - 1, tailSegment: segment.id });
      }
    }
  }

  get(place: string): Head {
    const known = this.heads.get(place);
    if (known !== undefined) return known;
    const row = this.select.get(place);
    const head = { place, head: row === undefined ? 0 : int(row, "head"), tailSegment: 0 };
    this.heads.set(place, head);
    return head;
  }

  /** The next offset. */
  advance(head: Head, segment: number): number {
    if (head.head === 0) this.queues += 1;
    head.head += 1;
    head.tailSegment = segment;
    return head.head;
  }

  /** Whether group `main` has as many unsettled events as it may. Nothing is looked up while the queue is short. */
  isFull({ place, head }: Head): boolean {
    if (head < this.eventsMax) return false;
    const row = this.selectSettled.get(place);
    return head - (row === undefined ? 0 : int(row, "settled")) >= this.eventsMax;
  }

  /** Called when this segment's heads are in their rows. */
  sealedThrough(segment: number): void {
    if (this.heads.size <= headsMax) return;
    for (const [place, head] of this.heads) if (head.tailSegment <= segment) this.heads.delete(place);
  }
}
