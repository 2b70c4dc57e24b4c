/** Rows of the tail by their sequence, checked once and kept while they are likely to be asked for again. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { TailRow } from "../codec/tail-codec.ts";
import { blob } from "../columns.ts";
import { Fault } from "../words.ts";

export class TailRows {
  private readonly select: StatementSync;
  private readonly rows = new Map<number, TailRow>();
  private readonly bytesMax: number;
  private bytes = 0;

  constructor(db: DatabaseSync, bytesMax: number) {
    this.select = db.prepare("SELECT blob FROM tail WHERE seq = ?");
    this.bytesMax = bytesMax;
  }

  get(seq: number): TailRow {
    const known = this.rows.get(seq);
    if (known !== undefined) return known;
    const found = this.select.get(seq);
    if (found === undefined)
      throw new Fault("DATA_DAMAGED", `Commit ${seq} is missing in the tail. Restore the latest backup; keep the folder for inspection.`);
    const row = new TailRow(seq, blob(found, "blob"));
    if (this.bytes > this.bytesMax) this.clear();
    this.rows.set(seq, row);
    this.bytes += row.bytes.length;
    return row;
  }

  clear(): void {
    this.rows.clear();
    this.bytes = 0;
  }
}
