/** Reads of events: from the runs, one seek per segment, then from the tail. Each call is one short transaction. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StoredEvent } from "../../port.ts";
import { placeParts } from "../codec/batch-codec.ts";
import { Run, RunWriter } from "../codec/run-codec.ts";
import { copyAt, newTailFact } from "../codec/tail-codec.ts";
import { int } from "../columns.ts";
import type { EncodedRead, RunPart } from "../protocol.ts";
import { Events } from "../shared/events.ts";
import type { QueueRow } from "../shared/runs.ts";
import { TailIndex } from "../shared/tail-index.ts";
import { NewTailRows } from "../shared/tail-rows.ts";

type Limits = { eventsMax: number; bytesMax: number };

/** Rows that one transaction may touch: a long one keeps the write-ahead log from starting over. */
const rowsMax = 1_000;

export class EventReads {
  readonly index = new TailIndex();
  private readonly events: Events;
  private readonly selectSealed: StatementSync;
  private readonly newRows: NewTailRows;
  private readonly selectLate: StatementSync;
  private readonly writer = new RunWriter();
  private readonly fact = newTailFact();
  private lastSeq = 0;
  private sealed = 0;

  constructor(db: DatabaseSync) {
    this.events = new Events(db, this.index);
    this.selectSealed = db.prepare("SELECT ifnull(max(id), 0) AS id, ifnull(max(last_seq), 0) AS seq FROM segment");
    this.newRows = new NewTailRows(db);
    this.selectLate = db.prepare("SELECT id FROM segment WHERE last_ms >= ? ORDER BY id LIMIT 1");
  }

  /** Catches up with the tail; to be called first in each transaction. */
  follow(): void {
    const sealed = this.selectSealed.get() ?? {};
    if (int(sealed, "id") > this.sealed) {
      this.sealed = int(sealed, "id");
      this.index.dropThrough(this.sealed);
      this.events.forget();
    }
    for (const { segment, row } of this.newRows.after(Math.max(this.lastSeq, int(sealed, "seq")))) {
      this.index.add(segment, row);
      this.lastSeq = row.seq;
    }
  }

  queue(place: string): QueueRow {
    const row = this.events.runs.queue(place);
    return { ...row, head: Math.max(row.head, this.index.head(place)) };
  }

  read(place: string, from: number, { eventsMax, bytesMax }: Limits): EncodedRead {
    const queue = this.queue(place);
    const parts: RunPart[] = [];
    if (from < queue.firstKept) this.events.runs.checkTrimmed(place, queue, from);
    let next = Math.max(from, queue.firstKept);
    let events = 0;
    let bytes = 0;
    while (next <= queue.head && events < eventsMax && bytes < bytesMax && parts.length < rowsMax) {
      const part = this.part(place, queue, next, { eventsMax: eventsMax - events, bytesMax: bytesMax - bytes });
      // The first event always fits, whatever its size; a later one has to.
      if (parts.length > 0 && bytes + part.bodyBytes > bytesMax) break;
      parts.push(part.part);
      events += part.part.to - part.part.from + 1;
      bytes += part.bodyBytes;
      next = part.part.to + 1;
    }
    const to = parts.length > 0 ? next - 1 : Math.max(queue.head, from - 1);
    return { parts, to, head: queue.head, firstKept: queue.firstKept };
  }

  readOffsets(place: string, offsets: readonly number[]): StoredEvent[] {
    const queue = this.queue(place);
    const wanted = [...new Set(offsets)].sort((a, b) => a - b);
    return wanted.flatMap((offset) => this.events.get(place, offset, queue)?.event ?? []);
  }

  /** Segments know their times, and hub time never goes back: the first segment that is late enough holds it, or the tail. */
  offsetAt(place: string, atMs: number): number {
    const queue = this.queue(place);
    const late = this.selectLate.get(atMs);
    const firstSegment = late === undefined ? Number.POSITIVE_INFINITY : int(late, "id");
    let offset = queue.firstKept;
    if (firstSegment > 1) offset = Math.max(offset, this.firstFrom(place, queue, firstSegment));
    for (; offset <= queue.head; offset++) {
      const found = this.events.get(place, offset, queue);
      if (found !== null && found.event.recordedAtMs >= atMs) return offset;
    }
    return queue.head + 1;
  }

  /** The queue's first offset in this segment or a later one. */
  private firstFrom(place: string, queue: QueueRow, segment: number): number {
    let page = this.events.runs.pageFor(place, queue, queue.firstKept);
    while (page.length > 0) {
      const entry = page.find((one) => one.segment >= segment);
      if (entry !== undefined) return entry.first;
      page = this.events.runs.pageBehind(place, queue, page);
    }
    for (const { places } of this.index.segments) {
      const first = places.get(place)?.first ?? 0;
      if (first > 0) return first;
    }
    return queue.head + 1;
  }

  private part(place: string, queue: QueueRow, from: number, limits: Limits): { part: RunPart; bodyBytes: number } {
    if (this.index.find(place, from) !== null) return this.tailPart(place, from, limits);
    const run = this.events.runs.holding(place, queue, from);
    const base = run.bodyEnd(from);
    let to = Math.min(run.last, from + limits.eventsMax - 1);
    while (to > from && run.bodyEnd(to + 1) - base > limits.bytesMax) to -= 1;
    return { part: { bytes: run.bytes, from, to }, bodyBytes: run.bodyEnd(to + 1) - base };
  }

  /** What is not sealed yet, made into a run for the way. */
  private tailPart(place: string, from: number, { eventsMax, bytesMax }: Limits): { part: RunPart; bodyBytes: number } {
    const { writer, fact } = this;
    writer.start(from);
    let offset = from;
    for (let position = this.index.find(place, from); position !== null; position = this.index.find(place, offset)) {
      const row = this.events.rows.get(position.seq);
      row.read(fact, position.at, row.bodiesFrom + position.bodyAt);
      const copy = copyAt(fact, position.copy);
      const bytes = copy === null ? fact.bodyTo - fact.bodyFrom : copy.bodyTo - copy.bodyFrom;
      if (writer.count > 0 && (writer.isFull || writer.count >= eventsMax || writer.bodyBytes + bytes > bytesMax)) break;
      writer.addFact(row, fact, copy);
      offset += 1;
    }
    // Its own memory: it changes hands, the writer's is used again.
    const run = Uint8Array.prototype.slice.call(writer.finish());
    return { part: { bytes: run, from, to: offset - 1 }, bodyBytes: writer.bodyBytes };
  }
}

/** On the main thread: the events of a read. */
export function decodeParts(place: string, parts: readonly RunPart[]): StoredEvent[] {
  const { queue } = placeParts(place);
  const events: StoredEvent[] = [];
  for (const { bytes, from, to } of parts) {
    const run = new Run(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    run.readInto(events, queue, { from, to });
  }
  return events;
}
