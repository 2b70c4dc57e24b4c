/** Outcomes on their way back: a few bytes per item. What is rare travels as it is, beside the bytes. */
import type { AppendOutcome } from "../../port.ts";
import { ByteReader, ByteWriter } from "../codec/bytes.ts";

const codes = { stored: 0, void: 1, duplicate: 2, skipped: 3, rare: 4 } as const;

/** `rare`: in the order of the items. */
export type EncodedOutcomes = { recordedAtMs: number; bytes: Uint8Array; rare: AppendOutcome[] };

export class OutcomeWriter {
  private readonly out: ByteWriter;
  private readonly rareOnes: AppendOutcome[] = [];

  constructor(items: number) {
    this.out = new ByteWriter(items * 6 + 16);
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
    this.rareOnes.push(outcome);
  }

  finish(recordedAtMs: number): EncodedOutcomes {
    return { recordedAtMs, bytes: this.out.written(), rare: this.rareOnes };
  }
}

const noCopies: readonly number[] = [];

export function decodeOutcomes({ recordedAtMs, bytes, rare }: EncodedOutcomes): AppendOutcome[] {
  const reader = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const outcomes: AppendOutcome[] = [];
  const rareOnes = rare.values();
  while (reader.at < bytes.byteLength) outcomes.push(decodeOne(reader, recordedAtMs, rareOnes));
  return outcomes;
}

function decodeOne(reader: ByteReader, recordedAtMs: number, rare: Iterator<AppendOutcome>): AppendOutcome {
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
    default: {
      const next = rare.next();
      if (next.done === true) throw new Error("an outcome is missing");
      return next.value;
    }
  }
}
