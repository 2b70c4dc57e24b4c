/** Rows of the tail by their sequence, checked once and kept while they are likely to be asked for again. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { checkedTailRow, TailRow } from "../codec/tail-codec.ts";
import { blob, int } from "../columns.ts";
import { damaged, type Fault } from "../words.ts";

const isMissing = (seq: number): Fault => damaged(`Commit ${seq} is missing in the tail.`);

/** All rows behind this one, in their order, each checked. They are contiguous. */
export class NewTailRows {
  private readonly select: StatementSync;

  constructor(db: DatabaseSync) {
    this.select = db.prepare("SELECT seq, segment, blob FROM tail WHERE seq > ? ORDER BY seq");
  }

  *after(last: number): Generator<{ segment: number; row: TailRow }> {
    let next = last + 1;
    for (const found of this.select.iterate(last)) {
      const seq = int(found, "seq");
      if (seq !== next) throw isMissing(next);
      yield { segment: int(found, "segment"), row: checkedTailRow(seq, blob(found, "blob")) };
      next += 1;
    }
  }
}

/** Rows that are in memory still, as they were written. */
type InMemory = { get(seq: number): Buffer | undefined };
const none: InMemory = new Map<number, Buffer>();

export class TailRows {
  private readonly select: StatementSync;
  private readonly inMemory: InMemory;
  private readonly rows = new Map<number, TailRow>();
  private readonly bytesMax: number;
  private bytes = 0;
  /** Neighbours are mostly in one row. */
  private last: TailRow | null = null;

  constructor(db: DatabaseSync, bytesMax: number, inMemory = none) {
    this.select = db.prepare("SELECT blob FROM tail WHERE seq = ?");
    this.inMemory = inMemory;
    this.bytesMax = bytesMax;
  }

  get(seq: number): TailRow {
    if (this.last?.seq === seq) return this.last;
    this.last = this.find(seq);
    return this.last;
  }

  private find(seq: number): TailRow {
    const known = this.rows.get(seq);
    if (known !== undefined) return known;
    const row = this.read(seq);
    if (this.bytes > this.bytesMax) this.clear();
    this.rows.set(seq, row);
    this.bytes += row.bytes.length;
    return row;
  }

  private read(seq: number): TailRow {
    const bytes = this.inMemory.get(seq);
    if (bytes !== undefined) return new TailRow(seq, bytes);
    const found = this.select.get(seq);
    if (found === undefined) throw isMissing(seq);
    return checkedTailRow(seq, blob(found, "blob"));
  }

  clear(): void {
    this.rows.clear();
    this.last = null;
    this.bytes = 0;
  }
}
