/**
 * The confirm path: decides of each item of a batch whether it is stored, and writes what is as one row of the tail.
 * The checks and their order are the port's.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Claim } from "@waybill/events";
import type { AppendOutcome } from "../../port.ts";
import {
  BatchReader,
  type CopyView,
  encodeBatch,
  fromNumbered,
  fromPlain,
  type ItemView,
  newItemView,
  placeParts,
  subjectOf,
  tenantOf,
} from "../codec/batch-codec.ts";
import { ByteReader } from "../codec/bytes.ts";
import { textAt } from "../codec/strings.ts";
import { TailWriter } from "../codec/tail-codec.ts";
import { addVoid, type TailIndex, type TailPlace, type TailSegment } from "../shared/tail-index.ts";
import { newTailPosition } from "../shared/tail-positions.ts";
import type { Claims } from "./claims.ts";
import type { Head, Heads } from "./heads.ts";
import type { Lane, Lanes } from "./lanes.ts";
import { OutcomeWriter } from "./outcomes.ts";
import type { PlainIds, PlainSubject } from "./plain-ids.ts";
import type { Producers } from "./producers.ts";
import type { WrittenRows } from "./written-rows.ts";

export type SegmentLimits = { segmentEvents: number; segmentBytes: number };
export type AppendParts = {
  index: TailIndex;
  heads: Heads;
  lanes: Lanes;
  plainIds: PlainIds;
  claims: Claims;
  producers: Producers;
  written: WrittenRows;
};

/** A place as one batch sees it. `lane`: the one that was met last, with its `producer` by its index among the batch's texts. */
type BatchPlace = { head: Head; tenant: string; tail: TailPlace | null; lane: Lane | null; producer: number };

const noOffsets: readonly number[] = [];

export class Appender {
  private readonly parts: AppendParts;
  private readonly limits: SegmentLimits;
  private readonly insert: StatementSync;
  private readonly tail = new TailWriter();
  private readonly item: ItemView = newItemView();
  /** The batch at hand. */
  private batch: BatchReader = new BatchReader(encodeBatch([]));
  private batchNumber = 0;
  private places: (BatchPlace | undefined)[] = [];
  /** By the index of their names among the batch's texts, each the one that was met last. */
  private subjects: ({ tenant: string; subject: PlainSubject } | undefined)[] = [];
  private readonly position = newTailPosition();
  private out = new OutcomeWriter(0, 0);
  private seq: number;
  private segment: number;
  /** Hub time of the latest commit. */
  lastMs: number;

  /** `sealed`: the last sealed segment, whose number is not used again. */
  constructor(db: DatabaseSync, parts: AppendParts, options: SegmentLimits & { sealed: number; lastSeq: number; lastMs: number }) {
    this.parts = parts;
    this.limits = options;
    this.insert = db.prepare("INSERT INTO tail (seq, segment, blob) VALUES (?, ?, ?)");
    this.seq = options.lastSeq;
    this.segment = parts.index.segments.at(-1)?.id ?? options.sealed + 1;
    this.lastMs = options.lastMs;
  }

  /** What is in the tail by now can be sealed. */
  closeSegment(): void {
    if (this.parts.index.segments.at(-1)?.id === this.segment) this.segment += 1;
  }

  /** How full the open segment is; from 1 on, the next batch begins another. */
  get fullness(): number {
    const open = this.parts.index.segments.at(-1);
    if (open?.id !== this.segment) return 0;
    return Math.max(open.events / this.limits.segmentEvents, open.bytes / this.limits.segmentBytes);
  }

  /** Segments before this one are closed. */
  get openSegment(): number {
    return this.segment;
  }

  /** Within a transaction. Afterwards either that commits, or the whole state is read again. */
  append(bytes: Buffer, nowMs: number): Buffer {
    const batch = new BatchReader(bytes);
    this.batch = batch;
    this.batchNumber += 1;
    this.places = [];
    this.subjects = [];
    this.lastMs = Math.max(this.lastMs, nowMs);
    this.out = new OutcomeWriter(batch.count, this.lastMs);
    if (this.fullness >= 1) this.segment += 1;

    this.tail.start(batch, this.lastMs);
    for (let i = 0; i < batch.count; i++) {
      batch.next(this.item);
      if (this.item.kind === fromNumbered) this.appendInLane(this.item);
      else if (this.item.isVoid) this.out.void();
      else this.appendPlain(this.item);
    }
    this.writeRow();
    return this.out.finish();
  }

  private writeRow(): void {
    const { tail, parts } = this;
    if (tail.facts === 0) return;
    const room = parts.written.room(tail.rowBytes);
    const row = room ?? Buffer.allocUnsafeSlow(tail.rowBytes);
    tail.finish(row);
    this.seq += 1;
    this.insert.run(this.seq, this.segment, row);
    if (room !== null) parts.written.keep(this.seq, row);
    this.openedSegment().written(this.seq, this.lastMs, row.length);
  }

  private appendInLane(item: ItemView): void {
    const lane = this.laneOf(item);
    if (lane.isStopped) this.out.skipped();
    else lane.isStopped = !this.appendNumbered(item, lane);
  }

  /** `false`: refused, and the lane stops. */
  private appendNumbered(item: ItemView, lane: Lane): boolean {
    const { incarnation } = lane;
    if (item.incarnation < incarnation) return this.refuse({ outcome: "fenced", incarnation });
    if (item.number <= lane.number) return this.repeat(item, lane);
    if (item.number > lane.number + 1) return this.refuse({ outcome: "gap", expected: lane.number + 1 });
    if (item.isVoid) {
      this.tail.addVoid(item);
      addVoid(this.tailOf(item.place), { producer: lane.producer, number: item.number });
      this.out.void();
    } else {
      const offset = this.store(item, lane.last);
      if (offset === 0) return false;
      lane.last = offset;
    }
    lane.number = item.number;
    lane.tailSegment = this.segment;
    this.parts.lanes.moved(lane);
    return true;
  }

  /** A repeat behind new events of its lane: these must be in the tail to be walked, so the batch becomes two rows. */
  private cutRow(): void {
    this.writeRow();
    this.tail.start(this.batch, this.lastMs);
  }

  private refuse(outcome: AppendOutcome): false {
    this.out.rare(outcome);
    return false;
  }

  private laneOf(item: ItemView): Lane {
    const place = this.placeAt(item.place);
    if (place.lane !== null && place.producer === item.producer) return place.lane;
    const lane = this.parts.lanes.get(place.head.place, textAt(this.batch.strings, item.producer));
    if (lane.batch !== this.batchNumber) this.meetLane(lane);
    place.lane = lane;
    place.producer = item.producer;
    return lane;
  }

  /** The first time in this batch. */
  private meetLane(lane: Lane): void {
    lane.batch = this.batchNumber;
    lane.written = lane.number;
    lane.isStopped = false;
    lane.incarnation = this.parts.producers.incarnation(tenantOf(lane.place), lane.producer);
  }

  /** Answers a number that was seen before; `false` when it was another event's. */
  private repeat(item: ItemView, lane: Lane): boolean {
    if (lane.number > lane.written) this.cutRow();
    lane.written = lane.number;
    const seen = this.parts.lanes.seen(lane, item.number);
    const isAnother = !item.isVoid && (seen.is === "void" || (seen.is === "event" && seen.id !== this.text(item.idFrom)));
    if (isAnother) return this.refuse({ outcome: "reused", id: seen.is === "event" ? seen.id : "" });
    this.out.duplicate(seen.is === "event" ? seen.offset : 0);
    return true;
  }

  private appendPlain(item: ItemView): void {
    if (item.kind !== fromPlain) {
      this.store(item, 0);
      return;
    }
    const { bytes } = this.batch;
    const subject = this.subjectOf(item);
    const { place } = this.placeAt(item.place).head;
    const seen = subject.ids.find(bytes, item.idFrom, item.idTo);
    if (seen >= 0) {
      if (subject.ids.place(seen) === place) this.out.duplicate(subject.ids.offset(seen));
      else this.out.rare({ outcome: "reused", id: this.text(item.idFrom) });
      return;
    }
    const offset = this.store(item, 0);
    if (offset === 0) return;
    subject.ids.add(bytes, item.idFrom, item.idTo, { place, offset });
    subject.tailSegment = this.segment;
  }

  /** A batch has few subjects, and their names are joined and looked up once for each tenant. */
  private subjectOf(item: ItemView): PlainSubject {
    const { head, tenant } = this.placeAt(item.place);
    const met = this.subjects[item.producer];
    if (met?.tenant === tenant) return met.subject;
    const subject = this.parts.plainIds.of(subjectOf(head.place, textAt(this.batch.strings, item.producer)));
    this.subjects[item.producer] = { tenant, subject };
    return subject;
  }

  /** Answers the offset at home, or 0 when the item was refused. */
  private store(item: ItemView, previous: number): number {
    const home = this.placeAt(item.place).head;
    const full = this.parts.heads.isFull(home) ? home : this.fullCopy(item.copies);
    if (full !== null) {
      this.out.rare({ outcome: "full", queue: placeParts(full.place).queue });
      return 0;
    }
    const tenant = item.claim === "" ? "" : placeParts(home.place).tenant;
    const parcel = item.claim === "" ? "" : this.text(item.parcelFrom);
    const before = item.claim === "" ? null : this.parts.claims.get(tenant, parcel);
    if (before !== null && before.claim.epoch !== item.expectEpoch) {
      this.out.rare({ outcome: "claim-moved", claim: before });
      return 0;
    }
    const offset = this.advance(home);
    const copyOffsets = item.copies.length === 0 ? noOffsets : item.copies.map((copy) => this.advance(this.placeAt(copy.place).head));
    if (before !== null) {
      const claim: Claim = JSON.parse(item.claim);
      const isReady = claim.epoch !== before.claim.epoch && textAt(this.batch.strings, item.type) === "ready";
      const poolOffset = copyOffsets[item.copies.findLastIndex((copy) => this.isPool(copy))] ?? before.poolOffset;
      this.parts.claims.set(tenant, parcel, { claim, readyOffset: isReady ? offset : before.readyOffset, poolOffset });
    }
    this.index(item, offset, copyOffsets);
    this.tail.add(item, offset, previous, copyOffsets);
    this.out.stored(offset, copyOffsets);
    return offset;
  }

  private fullCopy(copies: readonly CopyView[]): Head | null {
    for (const copy of copies) {
      const { head } = this.placeAt(copy.place);
      if (this.parts.heads.isFull(head)) return head;
    }
    return null;
  }

  private isPool(copy: CopyView): boolean {
    return placeParts(textAt(this.batch.strings, copy.place)).queue.startsWith("zone/");
  }

  /** Says where the item's events will be: in the row at hand, as its next fact. Nobody looks there before it is written. */
  private index(item: ItemView, offset: number, copyOffsets: readonly number[]): void {
    const { position, tail } = this;
    const segment = this.openedSegment();
    if (item.kind === fromPlain) segment.plainFacts += 1;
    position.row = this.seq + 1 - segment.firstSeq;
    position.at = tail.at;
    position.bodyAt = tail.bodyBytes;
    position.copy = -1;
    segment.put(this.tailOf(item.place), offset, position);
    for (const { place } of item.copies) {
      position.copy += 1;
      segment.put(this.tailOf(place), copyOffsets[position.copy] ?? 0, position);
    }
  }

  /** The segment of the row at hand; made when the row gets something. */
  private openedSegment(): TailSegment {
    return this.parts.index.segment(this.segment, this.seq + 1, this.lastMs);
  }

  private tailOf(place: number): TailPlace {
    const inBatch = this.placeAt(place);
    inBatch.tail ??= this.openedSegment().placeOf(inBatch.head.place);
    return inBatch.tail;
  }

  private placeAt(place: number): BatchPlace {
    const known = this.places[place];
    if (known !== undefined) return known;
    const name = textAt(this.batch.strings, place);
    const met = { head: this.parts.heads.get(name), tenant: tenantOf(name), tail: null, lane: null, producer: 0 };
    this.places[place] = met;
    return met;
  }

  private advance(head: Head): number {
    return this.parts.heads.advance(head, this.segment);
  }

  private text(at: number): string {
    return new ByteReader(this.batch.bytes, at).text();
  }
}
