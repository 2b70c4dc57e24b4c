/**
 * What the committer knows without asking: made from the file at the opening, and again after any failed transaction,
 * so that memory never says what the disk does not. Only the tail is read; all else comes when it is asked for.
 */
import type { DatabaseSync } from "node:sqlite";
import { fromNumbered, fromPlain, subjectOf } from "../codec/batch-codec.ts";
import { textAt } from "../codec/strings.ts";
import { forEachFact, type TailRow, voidFact } from "../codec/tail-codec.ts";
import { int } from "../columns.ts";
import { Events } from "../shared/events.ts";
import { TailIndex } from "../shared/tail-index.ts";
import { NewTailRows } from "../shared/tail-rows.ts";
import { Appender, type SegmentLimits } from "./append.ts";
import { Claims } from "./claims.ts";
import { GroupRows } from "./group-rows.ts";
import { Heads } from "./heads.ts";
import { Lanes } from "./lanes.ts";
import { PlainIds } from "./plain-ids.ts";
import { Producers } from "./producers.ts";
import { ProgressRows } from "./progress.ts";
import { WrittenRows } from "./written-rows.ts";

export type State = {
  index: TailIndex;
  events: Events;
  heads: Heads;
  lanes: Lanes;
  plainIds: PlainIds;
  claims: Claims;
  producers: Producers;
  groups: GroupRows;
  progress: ProgressRows;
  appender: Appender;
  written: WrittenRows;
  /** The last sealed segment and the last row of the tail that belongs to it; rows up to there are to be swept. */
  sealed: { segment: number; lastSeq: number };
};

export function openState(db: DatabaseSync, options: SegmentLimits & { queueEventsMax: number }): State {
  const last = db.prepare("SELECT id, last_seq, last_ms FROM segment ORDER BY id DESC LIMIT 1").get();
  const sealed = last === undefined ? { segment: 0, lastSeq: 0 } : { segment: int(last, "id"), lastSeq: int(last, "last_seq") };
  const index = new TailIndex();
  const events = new Events(db, index);
  const lanes = new Lanes(db, events);
  const plainIds = new PlainIds(db);
  let lastMs = last === undefined ? 0 : int(last, "last_ms");
  for (const { segment, row } of new NewTailRows(db).after(sealed.lastSeq)) {
    index.add(segment, row);
    restoreRow(row, segment, { lanes, plainIds });
    lastMs = row.recordedAtMs;
  }
  const heads = new Heads(db, index, options.queueEventsMax);
  const claims = new Claims(db);
  const producers = new Producers(db);
  const written = new WrittenRows();
  const lastSeq = Math.max(index.lastSeq, sealed.lastSeq);
  const appender = new Appender(
    db,
    { index, heads, lanes, plainIds, claims, producers, written },
    { ...options, sealed: sealed.segment, lastSeq, lastMs },
  );
  const [groups, progress] = [new GroupRows(db), new ProgressRows(db, events)];
  return { index, events, heads, lanes, plainIds, claims, producers, groups, progress, appender, written, sealed };
}

function restoreRow(row: TailRow, segment: number, { lanes, plainIds }: { lanes: Lanes; plainIds: PlainIds }): void {
  forEachFact(row, (fact) => {
    if (fact.kind !== fromNumbered && fact.kind !== voidFact && fact.kind !== fromPlain) return;
    const place = textAt(row.strings, fact.place);
    const producer = textAt(row.strings, fact.producer);
    if (fact.kind === fromPlain) {
      plainIds.restore(subjectOf(place, producer), row.textAt(fact.idFrom), { place, offset: fact.offset }, segment);
    } else lanes.restore(place, producer, { number: fact.number, offset: fact.offset, segment });
  });
}
