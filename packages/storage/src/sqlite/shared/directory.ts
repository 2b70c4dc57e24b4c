/**
 * In which segments a queue has events, so that a read starts at the right one without looking at the others.
 * The latest 64 entries are kept with the queue's row, which each seal writes anyway; earlier ones go to pages of 64
 * that are written once. Entry: segment, first offset; both ascending, written as differences.
 */
import { ByteReader, ByteWriter } from "../codec/bytes.ts";

export type DirectoryEntry = { segment: number; first: number };
export const pageEntries = 64;

export function encodeDirectory(entries: readonly DirectoryEntry[]): Buffer {
  const out = new ByteWriter(entries.length * 6);
  let before: DirectoryEntry = { segment: 0, first: 0 };
  for (const entry of entries) {
    out.varint(entry.segment - before.segment);
    out.varint(entry.first - before.first);
    before = entry;
  }
  return out.written();
}

export function decodeDirectory(bytes: Buffer): DirectoryEntry[] {
  const reader = new ByteReader(bytes);
  const entries: DirectoryEntry[] = [];
  let segment = 0;
  let first = 0;
  while (reader.at < bytes.length) {
    segment += reader.varint();
    first += reader.varint();
    entries.push({ segment, first });
  }
  return entries;
}

/** With the entry added. A seal that was interrupted and done again finds its entry there. */
export function withEntry(entries: readonly DirectoryEntry[], entry: DirectoryEntry): DirectoryEntry[] {
  return entries.at(-1)?.segment === entry.segment ? [...entries] : [...entries, entry];
}
