/**
 * Items on their way from the main thread to the committer, as bytes: not an object per event.
 *
 *   u32 items, u32 position of the strings, u32 position of the bodies, items …, strings, bodies …
 *   item: flags, place, producer, [incarnation, number], [type, id, parcel, body's length, copies, [claim]]
 *
 * A place is `tenant/queue`: a tenant holds no slash, so the text names one queue of one tenant.
 */
import type { Queue } from "@waybill/events";
import type { AppendItem, VoidItem } from "../../port.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { readStrings, StringTable } from "./strings.ts";

export const fromHub = 0;
export const fromPlain = 1;
export const fromNumbered = 2;
const kindMask = 3;
const voidFlag = 4;
const claimFlag = 8;

export const placeOf = (tenant: string, queue: Queue): string => `${tenant}/${queue}`;
export function placeParts(place: string): { tenant: string; queue: Queue } {
  const slash = place.indexOf("/");
  return { tenant: place.slice(0, slash), queue: place.slice(slash + 1) };
}
export const tenantOf = (place: string): string => place.slice(0, place.indexOf("/"));
/** A plain subject's name among all tenants'. */
export const subjectOf = (place: string, subject: string): string => `${tenantOf(place)}/${subject}`;

/** Ranges are positions in the batch's bytes; texts come with their length in front. */
export type CopyView = {
  place: number;
  own: boolean;
  type: number;
  idFrom: number;
  idTo: number;
  homeOffset: number;
  bodyFrom: number;
  bodyTo: number;
};
export type ItemView = {
  kind: number;
  isVoid: boolean;
  place: number;
  producer: number;
  incarnation: number;
  number: number;
  type: number;
  idFrom: number;
  idTo: number;
  parcelFrom: number;
  parcelTo: number;
  bodyFrom: number;
  bodyTo: number;
  copies: CopyView[];
  expectEpoch: number;
  /** JSON of the next claim; `""`: none. */
  claim: string;
};

/** More than it takes nearly always. */
export function batchBytes(items: readonly (AppendItem | VoidItem)[]): number {
  let size = 1024;
  for (const item of items) size += "void" in item ? 32 : 192 + item.body.byteLength + item.copies.length * 128;
  return size;
}

export function encodeBatch(items: readonly (AppendItem | VoidItem)[]): Buffer {
  const out = new ByteWriter(batchBytes(items));
  writeBatch(out, items);
  return out.written();
}

/** Positions count from where it begins. */
export function writeBatch(out: ByteWriter, items: readonly (AppendItem | VoidItem)[]): void {
  const start = out.at;
  out.u32(items.length);
  out.u32(0);
  out.u32(0);
  const names = new BatchNames();
  for (const item of items) writeItem(out, names, item);
  out.bytes.writeUInt32LE(out.at - start, start + 4);
  names.strings.write(out);
  out.bytes.writeUInt32LE(out.at - start, start + 8);
  for (const item of items) if (!("void" in item)) writeBodies(out, item);
}

/**
 * Where the texts of items stand among a batch's strings. A place is looked up by its queue, and joined once in a batch: joined for each
 * item, it would be written and hashed for each. Neighbours are mostly of one tenant, producer and type, which are not looked up again.
 */
class BatchNames {
  readonly strings = new StringTable();
  private readonly places = new Map<string, Map<Queue, number>>();
  private tenant = "";
  private ofTenant: Map<Queue, number> | null = null;
  private producer = "";
  private producerAt = -1;
  private type = "";
  private typeAt = -1;

  placeIndex(tenant: string, queue: Queue): number {
    const places = this.ofTenant !== null && tenant === this.tenant ? this.ofTenant : this.turnTo(tenant);
    const known = places.get(queue);
    if (known !== undefined) return known;
    const index = this.strings.index(placeOf(tenant, queue));
    places.set(queue, index);
    return index;
  }

  private turnTo(tenant: string): Map<Queue, number> {
    const places = this.places.get(tenant) ?? new Map<Queue, number>();
    this.places.set(tenant, places);
    this.tenant = tenant;
    this.ofTenant = places;
    return places;
  }

  producerIndex(producer: string): number {
    if (this.producerAt >= 0 && producer === this.producer) return this.producerAt;
    this.producer = producer;
    this.producerAt = this.strings.index(producer);
    return this.producerAt;
  }

  typeIndex(type: string): number {
    if (this.typeAt >= 0 && type === this.type) return this.typeAt;
    this.type = type;
    this.typeAt = this.strings.index(type);
    return this.typeAt;
  }
}

function writeItem(out: ByteWriter, names: BatchNames, item: AppendItem | VoidItem): void {
  const { from } = item;
  const kind = from.kind === "numbered" ? fromNumbered : from.kind === "plain" ? fromPlain : fromHub;
  out.u8(kind | ("void" in item ? voidFlag : item.claim === undefined ? 0 : claimFlag));
  out.varint(names.placeIndex(item.tenant, item.home));
  out.varint(names.producerIndex(from.kind === "numbered" ? from.producer : from.kind === "plain" ? from.subject : "hub"));
  if (from.kind === "numbered") {
    out.varint(from.incarnation);
    out.varint(item.number);
  }
  if ("void" in item) return;
  out.varint(names.typeIndex(item.type));
  out.text(item.id);
  out.text(item.parcel);
  out.varint(item.body.byteLength);
  out.varint(item.copies.length);
  for (const { queue, event } of item.copies) {
    out.varint(names.placeIndex(item.tenant, queue));
    out.u8(event === undefined ? 0 : 1);
    if (event === undefined) continue;
    out.varint(names.typeIndex(event.type));
    out.text(event.id);
    out.varint(event.homeOffset);
    out.varint(event.body.byteLength);
  }
  if (item.claim !== undefined) {
    out.varint(item.claim.expectEpoch);
    out.text(JSON.stringify(item.claim.next));
  }
}

/** Those of all items lie together: where all are stored, they go on to the log in one copy. */
function writeBodies(out: ByteWriter, { body, copies }: AppendItem): void {
  out.raw(body);
  for (const { event } of copies) if (event !== undefined) out.raw(event.body);
}

const noCopies: CopyView[] = [];

export class BatchReader {
  readonly bytes: Buffer;
  readonly count: number;
  readonly strings: string[];
  /** The strings as they were written, to be written on. */
  readonly stringsFrom: number;
  readonly stringsTo: number;
  private readonly reader: ByteReader;
  private bodyAt: number;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.reader = new ByteReader(bytes);
    this.count = this.reader.u32();
    this.stringsFrom = this.reader.u32();
    this.bodyAt = this.reader.u32();
    const atStrings = new ByteReader(bytes, this.stringsFrom);
    this.strings = readStrings(atStrings);
    this.stringsTo = atStrings.at;
  }

  /** Fills `item` with the next one. */
  next(item: ItemView): void {
    const { reader } = this;
    const flags = reader.u8();
    item.kind = flags & kindMask;
    item.isVoid = (flags & voidFlag) !== 0;
    item.place = reader.varint();
    item.producer = reader.varint();
    item.incarnation = item.kind === fromNumbered ? reader.varint() : 0;
    item.number = item.kind === fromNumbered ? reader.varint() : 0;
    item.copies = noCopies;
    item.claim = "";
    if (item.isVoid) return;
    item.type = reader.varint();
    item.idFrom = reader.at;
    reader.skipText();
    item.idTo = item.parcelFrom = reader.at;
    reader.skipText();
    item.parcelTo = reader.at;
    const length = reader.varint();
    const copies = reader.varint();
    if (copies > 0) item.copies = this.readCopies(copies);
    if ((flags & claimFlag) !== 0) {
      item.expectEpoch = reader.varint();
      item.claim = reader.text();
    }
    item.bodyFrom = this.bodyAt;
    item.bodyTo = this.bodyAt += length;
    for (const copy of item.copies) {
      if (!copy.own) continue;
      copy.bodyFrom = this.bodyAt;
      copy.bodyTo = this.bodyAt += copy.bodyTo;
    }
  }

  /** `bodyTo` holds the body's length until the bodies are reached. */
  private readCopies(count: number): CopyView[] {
    const { reader } = this;
    return Array.from({ length: count }, () => {
      const place = reader.varint();
      if (reader.u8() === 0) return { place, own: false, type: 0, idFrom: 0, idTo: 0, homeOffset: 0, bodyFrom: 0, bodyTo: 0 };
      const type = reader.varint();
      const idFrom = reader.at;
      reader.skipText();
      const idTo = reader.at;
      const homeOffset = reader.varint();
      return { place, own: true, type, idFrom, idTo, homeOffset, bodyFrom: 0, bodyTo: reader.varint() };
    });
  }
}

export function newItemView(): ItemView {
  return {
    kind: 0,
    isVoid: false,
    place: 0,
    producer: 0,
    incarnation: 0,
    number: 0,
    type: 0,
    idFrom: 0,
    idTo: 0,
    parcelFrom: 0,
    parcelTo: 0,
    bodyFrom: 0,
    bodyTo: 0,
    copies: noCopies,
    expectEpoch: 0,
    claim: "",
  };
}
