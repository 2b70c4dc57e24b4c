/**
 * The rows of the tail that this process wrote and has not sealed yet, as they are in the file: sealing need not read them back, copy them
 * through SQLite, and check them. Bounded; what is not here is read.
 */

/** A segment is hardly more. */
const bytesMax = 33_554_432;
/** Of rows with few events each a hub has time to read them. */
const rowsMax = 4_096;

export class WrittenRows {
  private readonly rows = new Map<number, Buffer>();
  private bytes = 0;

  /** Keeps a copy, if there is room. */
  keep(seq: number, row: Buffer): void {
    if (this.rows.size >= rowsMax || this.bytes + row.length > bytesMax) return;
    this.rows.set(seq, Buffer.from(row));
    this.bytes += row.length;
  }

  get(seq: number): Buffer | undefined {
    return this.rows.get(seq);
  }

  /** They are sealed. */
  dropThrough(last: number): void {
    for (const [seq, row] of this.rows) {
      if (seq > last) return;
      this.rows.delete(seq);
      this.bytes -= row.length;
    }
  }
}
