/** Texts that repeat (queues, producers, types) are written once and named by their index. */
import type { ByteReader, ByteWriter } from "./bytes.ts";

export class StringTable {
  readonly texts: string[] = [];
  private readonly indexes = new Map<string, number>();

  index(text: string): number {
    const known = this.indexes.get(text);
    if (known !== undefined) return known;
    const index = this.texts.length;
    this.indexes.set(text, index);
    this.texts.push(text);
    return index;
  }

  write(out: ByteWriter): void {
    out.varint(this.texts.length);
    for (const text of this.texts) out.text(text);
  }
}

export function readStrings(from: ByteReader): string[] {
  const count = from.varint();
  const texts: string[] = [];
  for (let i = 0; i < count; i++) texts.push(from.text());
  return texts;
}

/** The text at an index that was written by us and checked by the row's checksum. */
export function textAt(texts: readonly string[], index: number): string {
  const text = texts[index];
  if (text === undefined) throw new Error(`no text ${index} among ${texts.length}`);
  return text;
}
