/** Reads of subscriptions: what an engine starts from, and what is left to do. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { AttemptRow, DeadLetter, ParkedChunk } from "@waybill/queue";
import type { KeptCounts, Page, SubscriptionKey, SubscriptionRow } from "../../port.ts";
import { placeOf, placeParts } from "../codec/batch-codec.ts";
import { blob, int, type Row, text, textOrNull } from "../columns.ts";
import { firstGeneration } from "../shared/first-generation.ts";
import { mainGroup } from "../words.ts";
import type { EventReads } from "./event-reads.ts";
import type { SortedPlaces } from "./sorted-places.ts";
import { WorkList } from "./work-list.ts";

export class SubscriptionReads {
  private readonly events: EventReads;
  private readonly workList: WorkList;
  private readonly select: StatementSync;
  private readonly selectGeneration: StatementSync;
  private readonly selectAttempts: StatementSync;
  private readonly selectParked: StatementSync;
  private readonly countDead: StatementSync;
  private readonly selectChunk: StatementSync;
  private readonly selectNext: StatementSync;
  private readonly countRange: StatementSync;
  private readonly selectDead: StatementSync;

  constructor(db: DatabaseSync, events: EventReads, places: SortedPlaces) {
    this.events = events;
    this.workList = new WorkList(db, events, places);
    this.select = db.prepare("SELECT * FROM subscription WHERE place = ? AND grp = ?");
    this.selectGeneration = db.prepare(`SELECT ${firstGeneration} AS generation`);
    this.selectAttempts = db.prepare("SELECT * FROM attempt WHERE place = ? AND grp = ? ORDER BY offset");
    this.selectParked = db.prepare(
      "SELECT order_key, min(first) AS first, sum(count) AS count FROM parked WHERE place = ? AND grp = ? GROUP BY order_key ORDER BY 2",
    );
    this.countDead = db.prepare("SELECT count(*) AS n FROM dead WHERE place = ? AND grp = ?");
    this.selectChunk = db.prepare("SELECT offsets FROM parked WHERE place = ? AND grp = ? AND order_key = ? AND first = ?");
    this.selectNext = db.prepare(
      "SELECT ifnull(min(first), 0) AS first FROM parked WHERE place = ? AND grp = ? AND order_key = ? AND first > ?",
    );
    this.countRange = db.prepare(`
      SELECT (SELECT count(*) FROM parked, json_each(parked.offsets) AS one
          WHERE place = ?1 AND grp = ?2 AND first <= ?4 AND one.value BETWEEN ?3 AND ?4) AS parked,
        (SELECT count(*) FROM dead WHERE place = ?1 AND grp = ?2 AND offset BETWEEN ?3 AND ?4) AS letters`);
    this.selectDead = db.prepare("SELECT * FROM dead WHERE place = ? AND grp = ? AND offset > ? ORDER BY offset LIMIT ?");
  }

  subscription(key: SubscriptionKey): SubscriptionRow | null {
    const place = placeOf(key.tenant, key.queue);
    const row = this.select.get(place, key.group);
    if (row === undefined && key.group !== mainGroup) return null;
    const { head, firstKept } = this.events.queue(place);
    return {
      key,
      ...(row === undefined ? this.unwritten() : subscriptionOf(row)),
      attempts: this.selectAttempts.all(place, key.group).map(attemptOf),
      parked: this.selectParked
        .all(place, key.group)
        .map((one) => ({ key: text(one, "order_key"), first: int(one, "first"), count: int(one, "count") })),
      deadCount: int(this.countDead.get(place, key.group) ?? {}, "n"),
      head,
      firstKept,
    };
  }

  /** Group `main` before its first write. */
  private unwritten(): Own {
    const generation = int(this.selectGeneration.get() ?? {}, "generation");
    const progress = { generation, cursor: 0, open: [], offeredTo: 0, ackedTo: 0, paused: false };
    return { types: null, policy: "block", order: "key", progress };
  }

  parkedChunk(key: SubscriptionKey, orderKey: string, first: number): { chunk: ParkedChunk | null; next: number } {
    const place = placeOf(key.tenant, key.queue);
    const row = this.selectChunk.get(place, key.group, orderKey, first);
    const chunk = row === undefined ? null : { key: orderKey, first, offsets: JSON.parse(text(row, "offsets")) };
    return { chunk, next: int(this.selectNext.get(place, key.group, orderKey, first) ?? {}, "first") };
  }

  countKept(key: SubscriptionKey, { from, to }: { from: number; to: number }): KeptCounts {
    const row = this.countRange.get(placeOf(key.tenant, key.queue), key.group, from, to) ?? {};
    return { parked: int(row, "parked"), letters: int(row, "letters") };
  }

  deadLetters(key: SubscriptionKey, after: number, limit: number): Page<DeadLetter & { body: Uint8Array }> {
    const rows = this.selectDead.all(placeOf(key.tenant, key.queue), key.group, after, limit + 1).map(letterOf);
    return { rows: rows.slice(0, limit), more: rows.length > limit };
  }

  subscriptions(tenant: string, after: { queue: string; group: string } | null, limit: number) {
    const page = this.workList.page(tenant, after, limit);
    return { ...page, rows: page.rows.map(({ place, group, ...rest }) => ({ key: { ...placeParts(place), group }, ...rest })) };
  }
}

type Own = Pick<SubscriptionRow, "types" | "policy" | "order" | "progress">;

function subscriptionOf(row: Row): Own {
  const types = textOrNull(row, "types");
  return {
    types: types === null ? null : JSON.parse(types),
    policy: text(row, "policy") === "skip" ? "skip" : "block",
    order: text(row, "ordering") === "queue" ? "queue" : "key",
    progress: {
      generation: int(row, "generation"),
      cursor: int(row, "cursor"),
      open: JSON.parse(text(row, "open")),
      offeredTo: int(row, "offered_to"),
      ackedTo: int(row, "acked_to"),
      paused: int(row, "paused") === 1,
    },
  };
}

function attemptOf(row: Row): AttemptRow {
  return {
    offset: int(row, "offset"),
    key: text(row, "order_key"),
    failed: int(row, "failed"),
    interrupted: int(row, "interrupted"),
    dueMs: int(row, "due_ms"),
    alone: int(row, "alone") === 1,
    stuck: int(row, "stuck") === 1,
    redrive: int(row, "redrive"),
    notes: JSON.parse(text(row, "notes")),
  };
}

function letterOf(row: Row): DeadLetter & { body: Uint8Array } {
  return {
    offset: int(row, "offset"),
    key: text(row, "order_key"),
    type: text(row, "type"),
    buriedAtMs: int(row, "buried_at_ms"),
    redrive: int(row, "redrive"),
    notes: JSON.parse(text(row, "notes")),
    ref: null,
    body: blob(row, "body"),
  };
}
