/**
 * A commit on its way to the committer: one range of bytes, which goes over as it is.
 *
 *   u32 where the items begin (0: there are none), hub time, progress writes, items
 */
import type { CommitBatch } from "../../port.ts";
import { batchBytes, writeBatch } from "./batch-codec.ts";
import { ByteReader, ByteWriter, bufferOf } from "./bytes.ts";
import { type ProgressRow, readProgress, writeProgress } from "./progress-codec.ts";

const progressBytes = 96;

export function encodeCommit({ nowMs, items, progress }: CommitBatch): Buffer {
  const out = new ByteWriter(64 + progress.length * progressBytes + (items.length === 0 ? 0 : batchBytes(items)));
  out.u32(0);
  out.varint(nowMs);
  writeProgress(out, progress);
  if (items.length > 0) {
    out.bytes.writeUInt32LE(out.at, 0);
    writeBatch(out, items);
  }
  return out.written();
}

export class CommitReader {
  readonly nowMs: number;
  /** `null`: there are none. */
  readonly items: Buffer | null;
  private readonly reader: ByteReader;
  private writes: number;

  constructor(bytes: Buffer) {
    this.reader = new ByteReader(bytes);
    const itemsFrom = this.reader.u32();
    this.nowMs = this.reader.varint();
    this.writes = this.reader.varint();
    this.items = itemsFrom === 0 ? null : bytes.subarray(itemsFrom);
  }

  /** `null`: that was the last one. */
  nextProgress(): ProgressRow | null {
    if (this.writes === 0) return null;
    this.writes -= 1;
    return readProgress(this.reader);
  }
}

/** Whether it asks for room on the disk beyond what settling takes. */
export const hasItems = (bytes: Uint8Array): boolean => bufferOf(bytes).readUInt32LE(0) !== 0;
