/**
 * Seals a closed segment behind the confirm: one row per queue and up to 512 events, in key order; then its tail goes.
 * Each `yield` ends a transaction. All of it is derived from the tail and written by key, so that a seal that was
 * interrupted is simply done again; only with the segment's row does the tail lose its say.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { fromNumbered, fromPlain, subjectOf } from "../codec/batch-codec.ts";
import { RunWriter } from "../codec/run-codec.ts";
import { textAt } from "../codec/strings.ts";
import { copyAt, forEachFact, newTailFact, type TailRow } from "../codec/tail-codec.ts";
import { encodeDirectory, pageEntries, withEntry } from "../shared/directory.ts";
import { Runs } from "../shared/runs.ts";
import type { TailPlace, TailSegment } from "../shared/tail-index.ts";
import { newTailPosition } from "../shared/tail-positions.ts";
import { TailRows } from "../shared/tail-rows.ts";
import { sortedInSlices } from "./sorted-in-slices.ts";
import type { WrittenRows } from "./written-rows.ts";

/** Bound how long a commit may have to wait for a slice. */
const sliceEvents = 1_024;
const sliceBytes = 524_288;
/** Of queues with few events each: a run is four statements then, in as many places of the file. */
const sliceRuns = 256;
/** Read from rows. */
const sliceTexts = 8_192;
const sliceDeleteBytes = 2_097_152;
const likelyRowBytes = 65_536;
/** Row, where in it, where its id is, place, offset. */
const plainFactParts = 5;

type SealedLane = { number: number; last: number };
type SealedLanes = Map<string, SealedLane>;

export class Sealer {
  private readonly db: DatabaseSync;
  private readonly written: WrittenRows;
  private readonly runs: Runs;
  private readonly writer = new RunWriter();
  private readonly fact = newTailFact();
  private readonly position = newTailPosition();
  /** Of the segment at hand, so far. */
  events = 0;
  private sliceEvents = 0;
  private sliceBytes = 0;
  private sliceRuns = 0;
  private readonly putRun: StatementSync;
  private readonly putQueue: StatementSync;
  private readonly putPage: StatementSync;
  private readonly putLane: StatementSync;
  private readonly putPlain: StatementSync;
  private readonly prunePlain: StatementSync;
  private readonly putSegment: StatementSync;
  private readonly deleteTail: StatementSync;

  constructor(db: DatabaseSync, written: WrittenRows) {
    this.db = db;
    this.written = written;
    this.runs = new Runs(db);
    this.putRun = db.prepare("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?)");
    this.putQueue = db.prepare(
      "INSERT INTO queue (place, head, directory) VALUES (?, ?, ?) ON CONFLICT (place) DO UPDATE SET head = excluded.head, directory = excluded.directory",
    );
    this.putPage = db.prepare("INSERT OR REPLACE INTO directory VALUES (?, ?, ?)");
    this.putLane = db.prepare(`
      INSERT INTO lane VALUES (?, ?, ?, ?) ON CONFLICT (place, producer) DO UPDATE SET number = max(number, excluded.number),
        last_offset = max(last_offset, excluded.last_offset)`);
    this.putPlain = db.prepare("INSERT OR REPLACE INTO plain_id VALUES (?, ?, ?, ?, ?, ?)");
    this.prunePlain = db.prepare(`
      DELETE FROM plain_id WHERE subject = ?1 AND (seq, fact) <=
        (SELECT seq, fact FROM plain_id WHERE subject = ?1 ORDER BY seq DESC, fact DESC LIMIT 1 OFFSET ?2)`);
    this.putSegment = db.prepare("INSERT INTO segment VALUES (?, ?, ?, ?, ?)");
    this.deleteTail = db.prepare("DELETE FROM tail WHERE seq <= ?");
  }

  /** When it ends, the segment is sealed; its rows in the tail are still to be swept. */
  *seal(segment: TailSegment, plainIdsMax: number): Generator<void, void, void> {
    const rows = new TailRows(this.db, Number.POSITIVE_INFINITY, this.written);
    this.events = this.sliceEvents = this.sliceBytes = this.sliceRuns = 0;
    const names = yield* sortedInSlices([...segment.places.keys()]);
    yield* this.readRows(segment, rows);
    for (const name of names) {
      const place = segment.places.get(name);
      if (place !== undefined) yield* this.sealPlace(segment, name, place, rows);
    }
    yield* this.sealPlainIds(segment, rows, plainIdsMax);
    this.putSegment.run(segment.id, segment.lastSeq, segment.events, segment.firstMs, segment.lastMs);
  }

  /** Before the first run: where each queue has an event now and then, its first runs would ask for all of them, one after the other. */
  private *readRows(segment: TailSegment, rows: TailRows): Generator<void, void, void> {
    let texts = 0;
    for (let seq = segment.firstSeq; seq <= segment.lastSeq; seq++) {
      texts += rows.get(seq).strings.length;
      if (texts < sliceTexts) continue;
      yield;
      texts = 0;
    }
  }

  /** Deletes the tail up to this row, some megabytes at a time. */
  *sweep(from: number, to: number, bytes = (to - from + 1) * likelyRowBytes): Generator<void, void, void> {
    const rowsAtOnce = Math.max(16, Math.ceil(sliceDeleteBytes / Math.max(1, bytes / (to - from + 1))));
    for (let seq = from; seq <= to; seq += rowsAtOnce) {
      this.deleteTail.run(Math.min(to, seq + rowsAtOnce - 1));
      yield;
    }
  }

  /** Between two runs of a place as well: all of a segment may be one queue's. */
  private *sealPlace(segment: TailSegment, name: string, place: TailPlace, rows: TailRows): Generator<void, void, void> {
    const lanes: SealedLanes = new Map();
    for (const { producer, number } of place.voids) lanes.set(producer, { number, last: 0 });
    for (let i = 0; i < place.count; ) {
      if (this.endsSlice()) yield;
      i = this.gatherRun(segment, place, i, { rows, lanes });
      this.finishRun(segment.id, name);
    }
    if (place.count > 0) this.keepQueue(segment.id, name, place.first, place.first + place.count - 1);
    for (const [producer, { number, last }] of [...lanes].sort(([a], [b]) => (a < b ? -1 : 1)))
      this.putLane.run(name, producer, number, last);
  }

  /** As many events as a run holds, from this one of the place on; answers which is the next. A loop of its own: a generator's is slower. */
  private gatherRun(segment: TailSegment, place: TailPlace, from: number, { rows, lanes }: { rows: TailRows; lanes: SealedLanes }): number {
    const { writer, fact, position } = this;
    let laneRow: TailRow | null = null;
    let laneProducer = -1;
    let lane: SealedLane = { number: 0, last: 0 };
    writer.start(place.first + from);
    let i = from;
    for (; i < place.count && !writer.isFull; i++) {
      const row = rows.get(segment.read(place, i, position));
      row.read(fact, position.at, row.bodiesFrom + position.bodyAt);
      writer.addFact(row, fact, copyAt(fact, position.copy));
      if (position.copy >= 0 || fact.kind !== fromNumbered) continue;
      if (row !== laneRow || fact.producer !== laneProducer) {
        laneRow = row;
        laneProducer = fact.producer;
        lane = laneOf(lanes, textAt(row.strings, fact.producer));
      }
      lane.number = Math.max(fact.number, lane.number);
      lane.last = fact.offset;
    }
    return i;
  }

  private finishRun(segment: number, name: string): void {
    const { writer } = this;
    const run = writer.finish();
    this.putRun.run(segment, name, writer.first, writer.first + writer.count - 1, run);
    this.events += writer.count;
    this.sliceEvents += writer.count;
    this.sliceBytes += run.length;
    this.sliceRuns += 1;
  }

  private endsSlice(): boolean {
    if (this.sliceEvents < sliceEvents && this.sliceBytes < sliceBytes && this.sliceRuns < sliceRuns) return false;
    this.sliceEvents = this.sliceBytes = this.sliceRuns = 0;
    return true;
  }

  private keepQueue(segment: number, name: string, first: number, head: number): void {
    let entries = first === 1 ? [] : this.runs.queue(name).entries;
    const isNew = entries.at(-1)?.segment !== segment;
    if (isNew && entries.length >= pageEntries) {
      this.putPage.run(name, entries[0]?.first ?? 0, encodeDirectory(entries));
      entries = [];
    }
    this.putQueue.run(name, head, encodeDirectory(withEntry(entries, { segment, first })));
  }

  /** In the order of the subjects, since that is how they are kept. */
  private *sealPlainIds(segment: TailSegment, rows: TailRows, plainIdsMax: number): Generator<void, void, void> {
    if (segment.plainFacts === 0) return;
    const bySubject = new Map<string, number[]>();
    let events = 0;
    for (let seq = segment.firstSeq; seq <= segment.lastSeq; seq++) {
      events += gatherPlainFacts(rows.get(seq), bySubject);
      if (events < sliceEvents) continue;
      yield;
      events = 0;
    }
    for (const subject of [...bySubject.keys()].sort()) {
      const facts = bySubject.get(subject) ?? [];
      for (let i = Math.max(0, facts.length - plainIdsMax * plainFactParts); i < facts.length; i += plainFactParts) {
        const [seq = 0, at = 0, idFrom = 0, place = 0, offset = 0] = facts.slice(i, i + plainFactParts);
        const row = rows.get(seq);
        this.putPlain.run(subject, seq, at, row.textAt(idFrom), textAt(row.strings, place), offset);
        events += 1;
      }
      this.prunePlain.run(subject, plainIdsMax);
      if (events < sliceEvents) continue;
      yield;
      events = 0;
    }
  }
}

function laneOf(lanes: SealedLanes, producer: string): SealedLane {
  let lane = lanes.get(producer);
  if (lane === undefined) {
    lane = { number: 0, last: 0 };
    lanes.set(producer, lane);
  }
  return lane;
}

/** A row's facts of plain subjects, five numbers each: most give way to later ones, so nothing else is made of them. Answers how many it looked at. */
function gatherPlainFacts(row: TailRow, bySubject: Map<string, number[]>): number {
  const met = new Map<number, number[]>();
  let looked = 0;
  forEachFact(row, (fact, at) => {
    looked += 1;
    if (fact.kind !== fromPlain) return;
    const key = fact.place * row.strings.length + fact.producer;
    let facts = met.get(key);
    if (facts === undefined) {
      const subject = subjectOf(textAt(row.strings, fact.place), textAt(row.strings, fact.producer));
      facts = bySubject.get(subject) ?? [];
      bySubject.set(subject, facts);
      met.set(key, facts);
    }
    facts.push(row.seq, at, fact.idFrom, fact.place, fact.offset);
  });
  return looked;
}
