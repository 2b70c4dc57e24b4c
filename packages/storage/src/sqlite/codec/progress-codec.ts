/**
 * The progress writes of a commit as bytes. As objects, or columns of them, V8 walks over each of their parts on both sides.
 *
 *   place, group, flags, generation, cursor, offered to, acked to, [open: how many offsets, the first of them, ranges as JSON], [detail]
 */
import { deserialize, serialize } from "node:v8";
import type { ProgressWrite } from "@waybill/queue";
import type { CommitBatch } from "../../port.ts";
import { placeOf } from "./batch-codec.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";

const pausedFlag = 1;
const openFlag = 2;
const detailFlag = 4;

export type ProgressDetail = Pick<ProgressWrite, "attempts" | "parked" | "dead">;

export type ProgressRow = {
  place: string;
  group: string;
  generation: number;
  cursor: number;
  offeredTo: number;
  ackedTo: number;
  paused: boolean;
  openCount: number;
  openFirst: number;
  /** Open ranges as JSON. */
  open: string;
  detail: ProgressDetail | null;
};

export const NOTHING_OPEN = "[]";

export function writeProgress(out: ByteWriter, all: CommitBatch["progress"]): void {
  out.varint(all.length);
  for (const { key, write } of all) {
    const { progress } = write;
    const detail = detailOf(write);
    out.text(placeOf(key.tenant, key.queue));
    out.text(key.group);
    out.u8((progress.paused ? pausedFlag : 0) | (progress.open.length > 0 ? openFlag : 0) | (detail === null ? 0 : detailFlag));
    out.varint(progress.generation);
    out.varint(progress.cursor);
    out.varint(progress.offeredTo);
    out.varint(progress.ackedTo);
    if (progress.open.length > 0) writeOpen(out, progress.open);
    if (detail !== null) writeDetail(out, detail);
  }
}

function writeOpen(out: ByteWriter, open: ProgressWrite["progress"]["open"]): void {
  let count = 0;
  let first = Number.POSITIVE_INFINITY;
  for (const [low, high] of open) {
    count += high - low + 1;
    first = Math.min(first, low);
  }
  out.varint(count);
  out.varint(first);
  out.text(JSON.stringify(open));
}

/** Rare, and as deep as the rules have it: V8's own format. */
function writeDetail(out: ByteWriter, detail: ProgressDetail): void {
  const bytes = serialize(detail);
  out.varint(bytes.length);
  out.raw(bytes);
}

export function readProgress(from: ByteReader): ProgressRow {
  const place = from.text();
  const group = from.text();
  const flags = from.u8();
  const isOpen = (flags & openFlag) !== 0;
  return {
    place,
    group,
    generation: from.varint(),
    cursor: from.varint(),
    offeredTo: from.varint(),
    ackedTo: from.varint(),
    paused: (flags & pausedFlag) !== 0,
    openCount: isOpen ? from.varint() : 0,
    openFirst: isOpen ? from.varint() : 0,
    open: isOpen ? from.text() : NOTHING_OPEN,
    detail: (flags & detailFlag) === 0 ? null : readDetail(from),
  };
}

function readDetail(from: ByteReader): ProgressDetail {
  const length = from.varint();
  from.at += length;
  return deserialize(from.bytes.subarray(from.at - length, from.at));
}

function detailOf({ attempts, parked, dead }: ProgressWrite): ProgressDetail | null {
  if (isBare(attempts) && isBare(parked) && isBare(dead)) return null;
  const put = dead.put.map((letter) => ({ ...letter, ref: bodyOfRef(letter.ref) }));
  return { attempts, parked, dead: { put, remove: dead.remove } };
}

const isBare = ({ put, remove }: { put: readonly unknown[]; remove: readonly unknown[] }): boolean =>
  put.length === 0 && remove.length === 0;

/** What `ref` refers to is the runner's own: the body, or something that has it. Only bytes can cross into the worker. */
function bodyOfRef(ref: unknown): Uint8Array | null {
  const body = typeof ref === "object" && ref !== null && "body" in ref ? ref.body : ref;
  return body instanceof Uint8Array ? body : null;
}
