/**
 * A run: successive events of one queue. The form in which sealed events are stored, and in which any events travel from
 * the reader to the main thread.
 *
 *   u32 checksum of the rest, u8 version, first offset, count, recordedAtMs of the first, strings,
 *   u32 end of each body …, events …, bodies …
 *   event: producer, number, previous, type, id, parcel, home offset (0: at home), ms later than the one before, copies
 *   copy: place, offset, home offset (0: of this event)
 */
import { crc32 } from "node:zlib";
import type { Queue } from "@waybill/events";
import type { StoredEvent } from "../../port.ts";
import { Fault } from "../words.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { Stretches } from "./stretches.ts";
import { readStrings, StringTable, textAt } from "./strings.ts";
import type { TailCopy, TailFact, TailRow } from "./tail-codec.ts";

const version = 1;
export const runEventsMax = 512;
export const runBytesMax = 131_072;

/** Where a home event was copied to; `homeOffset` is that of the event that was copied. */
export type RunCopy = { place: string; offset: number; homeOffset: number };
/** What a run keeps besides the event itself. */
export type RunEvent = { event: StoredEvent; previous: number; copies: RunCopy[] };

export class RunWriter {
  private readonly meta = new ByteWriter(65_536);
  private readonly ends = new ByteWriter(runEventsMax * 4);
  private readonly bodies = new Stretches();
  private readonly out = new ByteWriter(262_144);
  private strings = new StringTable();
  private lastMs = 0;
  private firstMs = 0;
  /** Neighbours are mostly of one row, producer and type, which are not looked up again. */
  private lastRow: TailRow | null = null;
  private lastProducer = 0;
  private lastType = 0;
  private producerIndex = 0;
  private typeIndex = 0;
  first = 0;
  count = 0;

  start(first: number): void {
    this.meta.at = this.ends.at = 0;
    this.bodies.clear();
    this.strings = new StringTable();
    this.lastRow = null;
    this.first = first;
    this.count = 0;
  }

  get isFull(): boolean {
    return this.count >= runEventsMax || this.bodies.bytes >= runBytesMax;
  }
  get bodyBytes(): number {
    return this.bodies.bytes;
  }

  /** The fact itself, or one of its copies. */
  addFact(row: TailRow, fact: TailFact, copy: TailCopy | null): void {
    const { meta } = this;
    const isOwn = copy?.own ?? false;
    this.lookUp(row, fact.producer, copy?.type ?? fact.type);
    meta.varint(this.producerIndex);
    meta.varint(isOwn ? 0 : fact.number);
    meta.varint(copy === null ? fact.previous : 0);
    meta.varint(this.typeIndex);
    if (copy?.own) {
      meta.text(copy.id);
      meta.raw(row.bytes, fact.parcelFrom, fact.parcelTo);
    } else meta.raw(row.bytes, fact.idFrom, fact.parcelTo);
    meta.varint(copy?.homeOffset ?? 0);
    this.time(row.recordedAtMs);
    this.links(copy === null ? linksOf(row, fact) : noCopies);
    this.body(row.bytes, copy?.bodyFrom ?? fact.bodyFrom, copy?.bodyTo ?? fact.bodyTo);
  }

  private lookUp(row: TailRow, producer: number, type: number): void {
    if (row === this.lastRow && producer === this.lastProducer && type === this.lastType) return;
    this.lastRow = row;
    this.lastProducer = producer;
    this.lastType = type;
    this.producerIndex = this.strings.index(textAt(row.strings, producer));
    this.typeIndex = this.strings.index(textAt(row.strings, type));
  }

  add({ event, previous, copies }: RunEvent): void {
    const { meta } = this;
    meta.varint(this.strings.index(event.producer));
    meta.varint(event.number);
    meta.varint(previous);
    meta.varint(this.strings.index(event.type));
    meta.text(event.id);
    meta.text(event.parcel);
    meta.varint(event.homeOffset === event.offset ? 0 : event.homeOffset);
    this.time(event.recordedAtMs);
    this.links(copies);
    this.body(event.body, 0, event.body.length);
  }

  private body(source: Uint8Array, from: number, to: number): void {
    this.bodies.add(source, from, to);
    this.ends.u32(this.bodies.bytes);
    this.count += 1;
  }

  /** Valid until the next call. */
  finish(): Buffer {
    const { out } = this;
    out.at = 0;
    out.u32(0);
    out.u8(version);
    out.varint(this.first);
    out.varint(this.count);
    out.varint(this.firstMs);
    this.strings.write(out);
    out.raw(this.ends.bytes, 0, this.ends.at);
    out.varint(this.meta.at);
    out.raw(this.meta.bytes, 0, this.meta.at);
    const bodiesAt = out.leave(this.bodies.bytes);
    this.bodies.copyTo(out.bytes, bodiesAt);
    const run = out.written();
    run.writeUInt32LE(crc32(run.subarray(4)), 0);
    return run;
  }

  private time(recordedAtMs: number): void {
    if (this.count === 0) this.firstMs = this.lastMs = recordedAtMs;
    this.meta.varint(recordedAtMs - this.lastMs);
    this.lastMs = recordedAtMs;
  }

  private links(copies: readonly RunCopy[]): void {
    this.meta.varint(copies.length);
    for (const copy of copies) {
      this.meta.varint(this.strings.index(copy.place));
      this.meta.varint(copy.offset);
      this.meta.varint(copy.homeOffset);
    }
  }
}

function linksOf(row: TailRow, { copies }: TailFact): readonly RunCopy[] {
  if (copies.length === 0) return noCopies;
  return copies.map(({ place, offset, own, homeOffset }) => ({
    place: textAt(row.strings, place),
    offset,
    homeOffset: own ? homeOffset : 0,
  }));
}

/** Throws DATA_DAMAGED when the run is not what was written; `place` says where. */
export function checkRun(run: Buffer, place: string): void {
  if (run.length > 5 && run.readUInt32LE(0) === crc32(run.subarray(4)) && run[4] === version) return;
  throw new Fault(
    "DATA_DAMAGED",
    `A run of ${place} does not read as it was written. Restore the latest backup; keep the folder for inspection.`,
  );
}

export class Run {
  readonly first: number;
  readonly count: number;
  private readonly firstMs: number;
  private readonly strings: string[];
  private readonly endsFrom: number;
  private readonly eventsFrom: number;
  private readonly bodiesFrom: number;
  readonly bytes: Buffer;

  /** Must have been checked. */
  constructor(bytes: Buffer) {
    const reader = new ByteReader(bytes, 5);
    this.bytes = bytes;
    this.first = reader.varint();
    this.count = reader.varint();
    this.firstMs = reader.varint();
    this.strings = readStrings(reader);
    this.endsFrom = reader.at;
    reader.at += this.count * 4;
    const metaBytes = reader.varint();
    this.eventsFrom = reader.at;
    this.bodiesFrom = reader.at + metaBytes;
  }

  get last(): number {
    return this.first + this.count - 1;
  }

  /** Bytes of the bodies before this offset. */
  bodyEnd(offset: number): number {
    return offset <= this.first ? 0 : this.bytes.readUInt32LE(this.endsFrom + (offset - this.first - 1) * 4);
  }

  /** Adds the events from `from` to `to`, in order, without what else the run keeps of them: thousands are read in a second. */
  readInto(events: StoredEvent[], queue: Queue, { from, to }: { from: number; to: number }): void {
    const { bytes, strings, bodiesFrom } = this;
    const reader = new ByteReader(bytes, this.eventsFrom);
    let recordedAtMs = this.firstMs;
    let bodyFrom = this.bodyEnd(from);
    const last = Math.min(to, this.last);
    for (let offset = this.first; offset <= last; offset++) {
      if (offset < from) {
        recordedAtMs += skipEvent(reader);
        continue;
      }
      const producer = textAt(strings, reader.varint());
      const number = reader.varint();
      reader.varint();
      const type = textAt(strings, reader.varint());
      const id = reader.text();
      const parcel = reader.text();
      const homeOffset = reader.varint() || offset;
      recordedAtMs += reader.varint();
      skipCopies(reader);
      const bodyTo = this.bodyEnd(offset + 1);
      const body = bytes.subarray(bodiesFrom + bodyFrom, bodiesFrom + bodyTo);
      events.push({ queue, offset, recordedAtMs, id, type, parcel, producer, number, homeOffset, body });
      bodyFrom = bodyTo;
    }
  }

  /** Calls with each event from `from` to `to`, in order. */
  forEach(queue: Queue, range: { from: number; to: number }, visit: (event: RunEvent) => void): void {
    const reader = new ByteReader(this.bytes, this.eventsFrom);
    let recordedAtMs = this.firstMs;
    let bodyFrom = 0;
    for (let i = 0, offset = this.first; i < this.count && offset <= range.to; i++, offset++) {
      const bodyTo = this.bytes.readUInt32LE(this.endsFrom + i * 4);
      if (offset < range.from) recordedAtMs += skipEvent(reader);
      else {
        const producer = textAt(this.strings, reader.varint());
        const number = reader.varint();
        const previous = reader.varint();
        const type = textAt(this.strings, reader.varint());
        const id = reader.text();
        const parcel = reader.text();
        const homeOffset = reader.varint() || offset;
        recordedAtMs += reader.varint();
        const body = this.bytes.subarray(this.bodiesFrom + bodyFrom, this.bodiesFrom + bodyTo);
        visit({
          event: { queue, offset, recordedAtMs, id, type, parcel, producer, number, homeOffset, body },
          previous,
          copies: this.readCopies(reader),
        });
      }
      bodyFrom = bodyTo;
    }
  }

  private readCopies(reader: ByteReader): RunCopy[] {
    const count = reader.varint();
    if (count === 0) return noCopies;
    return Array.from({ length: count }, () => ({
      place: textAt(this.strings, reader.varint()),
      offset: reader.varint(),
      homeOffset: reader.varint(),
    }));
  }
}

const noCopies: RunCopy[] = [];

/** Steps over one event; answers how much later it was recorded than the one before. */
function skipEvent(reader: ByteReader): number {
  for (let i = 0; i < 4; i++) reader.varint();
  reader.skipText();
  reader.skipText();
  reader.varint();
  const laterMs = reader.varint();
  skipCopies(reader);
  return laterMs;
}

function skipCopies(reader: ByteReader): void {
  const copies = reader.varint();
  for (let i = 0; i < copies * 3; i++) reader.varint();
}
