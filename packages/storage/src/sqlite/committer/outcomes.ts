/** Outcomes on their way back: the commit's hub time, then a few bytes per item. What is rare is JSON. */
import type { AppendOutcome } from "../../port.ts";
import { ByteReader, ByteWriter, bufferOf } from "../codec/bytes.ts";

const codes = { stored: 0, void: 1, duplicate: 2, skipped: 3, rare: 4 } as const;

export class OutcomeWriter {
  private readonly out: ByteWriter;

  constructor(items: number, recordedAtMs: number) {
    this.out = new ByteWriter(items * 6 + 16);
    this.out.varint(recordedAtMs);
  }

  stored(offset: number, copyOffsets: readonly number[]): void {
    this.out.u8(codes.stored);
    this.out.varint(offset);
    this.out.varint(copyOffsets.length);
    for (const copyOffset of copyOffsets) this.out.varint(copyOffset);
  }
  void(): void {
    this.out.u8(codes.void);
  }
  duplicate(offset: number): void {
    this.out.u8(codes.duplicate);
    this.out.varint(offset);
  }
  skipped(): void {
    this.out.u8(codes.skipped);
  }
  rare(outcome: AppendOutcome): void {
    this.out.u8(codes.rare);
    this.out.text(JSON.stringify(outcome));
  }

  finish(): Buffer {
    return this.out.written();
  }
}

const noCopies: readonly number[] = [];

export function decodeOutcomes(bytes: Uint8Array): AppendOutcome[] {
  const reader = new ByteReader(bufferOf(bytes));
  const recordedAtMs = reader.varint();
  const outcomes: AppendOutcome[] = [];
  while (reader.at < bytes.byteLength) outcomes.push(decodeOne(reader, recordedAtMs));
  return outcomes;
}

function decodeOne(reader: ByteReader, recordedAtMs: number): AppendOutcome {
  switch (reader.u8()) {
    case codes.stored: {
      const offset = reader.varint();
      const copies = reader.varint();
      return {
        outcome: "stored",
        offset,
        recordedAtMs,
        copyOffsets: copies === 0 ? noCopies : Array.from({ length: copies }, () => reader.varint()),
      };
    }
    case codes.void:
      return { outcome: "void" };
    case codes.duplicate:
      return { outcome: "duplicate", offset: reader.varint() };
    case codes.skipped:
      return { outcome: "skipped" };
    default:
      return JSON.parse(reader.text());
  }
}
