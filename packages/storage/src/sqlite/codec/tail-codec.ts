/**
 * One row of the tail: what one batch stored, in its order. Written by the confirm path, so it is cheap to make; read back
 * by the sealer, by reads of what is not sealed yet, and by a start.
 *
 *   u32 checksum of the rest, u8 version, u32 position of the bodies, recordedAtMs, strings, facts …, bodies …
 *   fact: kind, place, producer, [number, previous offset of its lane], [offset, type, id, parcel, length, copies]
 */
import { crc32 } from "node:zlib";
import { Fault } from "../words.ts";
import type { BatchReader, CopyView, ItemView } from "./batch-codec.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { Stretches } from "./stretches.ts";
import { readStrings } from "./strings.ts";

const version = 1;
const headerBytes = 9;
/** Kinds 0 to 2 are those of the batch. */
export const voidFact = 3;
const numberedFact = 2;

export class TailWriter {
  private readonly out = new ByteWriter(262_144);
  private batch: Buffer = Buffer.alloc(0);
  private readonly bodies = new Stretches();
  facts = 0;

  /** Where the next fact begins. */
  get at(): number {
    return this.out.at;
  }
  /** Of the bodies so far. */
  get bodyBytes(): number {
    return this.bodies.bytes;
  }

  start(batch: BatchReader, recordedAtMs: number): void {
    this.batch = batch.bytes;
    this.bodies.clear();
    this.facts = 0;
    this.out.at = headerBytes;
    this.out.varint(recordedAtMs);
    this.out.raw(batch.bytes, batch.stringsFrom, batch.stringsTo);
  }

  addVoid(item: ItemView): void {
    this.facts += 1;
    this.out.u8(voidFact);
    this.out.varint(item.place);
    this.out.varint(item.producer);
    this.out.varint(item.number);
    this.out.varint(0);
  }

  /** An item of the batch. `previous`: offset of the lane's event before this one; the chain that answers repeats. */
  add(item: ItemView, offset: number, previous: number, copyOffsets: readonly number[]): void {
    this.facts += 1;
    const { out } = this;
    out.u8(item.kind);
    out.varint(item.place);
    out.varint(item.producer);
    if (item.kind === numberedFact) {
      out.varint(item.number);
      out.varint(previous);
    }
    out.varint(offset);
    out.varint(item.type);
    out.raw(this.batch, item.idFrom, item.parcelTo);
    out.varint(item.bodyTo - item.bodyFrom);
    this.bodies.add(this.batch, item.bodyFrom, item.bodyTo);
    out.varint(item.copies.length);
    if (item.copies.length > 0) this.addCopies(item.copies, copyOffsets);
  }

  private addCopies(copies: readonly CopyView[], copyOffsets: readonly number[]): void {
    const { out } = this;
    copies.forEach((copy, i) => {
      out.varint(copy.place);
      out.varint(copyOffsets[i] ?? 0);
      out.u8(copy.own ? 1 : 0);
      if (!copy.own) return;
      out.varint(copy.type);
      out.raw(this.batch, copy.idFrom, copy.idTo);
      out.varint(copy.homeOffset);
      out.varint(copy.bodyTo - copy.bodyFrom);
      this.bodies.add(this.batch, copy.bodyFrom, copy.bodyTo);
    });
  }

  /** How long the row is. */
  get rowBytes(): number {
    return this.out.at + this.bodies.bytes;
  }

  /** Into memory of that length. */
  finish(row: Buffer): void {
    const { out } = this;
    out.bytes[4] = version;
    out.bytes.writeUInt32LE(out.at, 5);
    out.bytes.copy(row, 0, 0, out.at);
    this.bodies.copyTo(row, out.at);
    row.writeUInt32LE(crc32(row.subarray(4)), 0);
  }
}

/** A copy in another queue: of its fact, or (`own`) of an event of its own, whose home offset it carries. */
export type TailCopy = {
  place: number;
  offset: number;
  own: boolean;
  type: number;
  id: string;
  homeOffset: number;
  bodyFrom: number;
  bodyTo: number;
};
export type TailFact = {
  kind: number;
  place: number;
  producer: number;
  number: number;
  previous: number;
  offset: number;
  type: number;
  /** Ranges of id and parcel, each with its length in front. */
  idFrom: number;
  parcelFrom: number;
  parcelTo: number;
  bodyFrom: number;
  bodyTo: number;
  copies: TailCopy[];
};

const noCopies: TailCopy[] = [];

/** `null` for the fact itself, which is -1. A list that is asked for its "-1" looks for a property of that name: as dear as the rest of a fact. */
export const copyAt = (fact: TailFact, index: number): TailCopy | null => (index < 0 ? null : (fact.copies[index] ?? null));

export function newTailFact(): TailFact {
  return {
    kind: 0,
    place: 0,
    producer: 0,
    number: 0,
    previous: 0,
    offset: 0,
    type: 0,
    idFrom: 0,
    parcelFrom: 0,
    parcelTo: 0,
    bodyFrom: 0,
    bodyTo: 0,
    copies: noCopies,
  };
}

export class TailRow {
  readonly seq: number;
  readonly bytes: Buffer;
  readonly recordedAtMs: number;
  readonly strings: string[];
  readonly bodiesFrom: number;
  readonly factsFrom: number;
  private readonly reader: ByteReader;

  /** Must have been checked. */
  constructor(seq: number, bytes: Buffer) {
    this.seq = seq;
    this.bytes = bytes;
    this.bodiesFrom = bytes.readUInt32LE(5);
    this.reader = new ByteReader(bytes, headerBytes);
    this.recordedAtMs = this.reader.varint();
    this.strings = readStrings(this.reader);
    this.factsFrom = this.reader.at;
  }

  /** Fills `fact` with the one at these positions and says where the next one is. */
  read(fact: TailFact, at: number, bodyAt: number): number {
    const { reader } = this;
    reader.at = at;
    fact.kind = reader.u8();
    fact.place = reader.varint();
    fact.producer = reader.varint();
    fact.number = fact.kind >= numberedFact ? reader.varint() : 0;
    fact.previous = fact.kind >= numberedFact ? reader.varint() : 0;
    fact.copies = noCopies;
    fact.bodyFrom = fact.bodyTo = bodyAt;
    if (fact.kind === voidFact) {
      fact.offset = 0;
      return reader.at;
    }
    fact.offset = reader.varint();
    fact.type = reader.varint();
    fact.idFrom = reader.at;
    reader.skipText();
    fact.parcelFrom = reader.at;
    reader.skipText();
    fact.parcelTo = reader.at;
    fact.bodyTo = bodyAt + reader.varint();
    const copies = reader.varint();
    if (copies > 0) fact.copies = this.readCopies(fact, copies);
    return reader.at;
  }

  /** Where the bodies behind this fact's begin. */
  bodiesAfter(fact: TailFact): number {
    return fact.copies.findLast((copy) => copy.own)?.bodyTo ?? fact.bodyTo;
  }

  textAt(at: number): string {
    this.reader.at = at;
    return this.reader.text();
  }

  private readCopies(fact: TailFact, count: number): TailCopy[] {
    const { reader } = this;
    let bodyAt = fact.bodyTo;
    return Array.from({ length: count }, () => {
      const place = reader.varint();
      const offset = reader.varint();
      if (reader.u8() === 0) {
        return {
          place,
          offset,
          own: false,
          type: fact.type,
          id: "",
          homeOffset: fact.offset,
          bodyFrom: fact.bodyFrom,
          bodyTo: fact.bodyTo,
        };
      }
      const type = reader.varint();
      const id = reader.text();
      const homeOffset = reader.varint();
      const bodyFrom = bodyAt;
      bodyAt += reader.varint();
      return { place, offset, own: true, type, id, homeOffset, bodyFrom, bodyTo: bodyAt };
    });
  }
}

/** A row as it was found. Throws DATA_DAMAGED when it is not what was written. */
export function checkedTailRow(seq: number, bytes: Buffer): TailRow {
  if (bytes.length < headerBytes || bytes.readUInt32LE(0) !== crc32(bytes.subarray(4)) || bytes[4] !== version) {
    throw new Fault(
      "DATA_DAMAGED",
      `Commit ${seq} of the tail does not read as it was written. Restore the latest backup; keep the folder for inspection.`,
    );
  }
  return new TailRow(seq, bytes);
}

/** Visits the facts of a row in order; `fact` is reused from one to the next. */
export function forEachFact(row: TailRow, visit: (fact: TailFact, at: number) => void): void {
  const fact = newTailFact();
  let bodyAt = row.bodiesFrom;
  for (let at = row.factsFrom; at < row.bodiesFrom; ) {
    const next = row.read(fact, at, bodyAt);
    visit(fact, at);
    bodyAt = row.bodiesAfter(fact);
    at = next;
  }
}
