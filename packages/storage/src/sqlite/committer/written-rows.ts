/**
 * The rows of the tail that this process wrote and has not sealed yet, as they are in the file: sealing need not read them back, copy them
 * through SQLite, and check them. Bounded; what is not here is read. They are written into memory that is used again and again: as buffers of
 * their own they had V8 look through all that the thread has, every hundred thousand events, to find the dead ones.
 */

/** Two segments are hardly more: one that is being sealed, and one that fills meanwhile. */
const bytesMax = 41_943_040;
/** Of rows with few events each a hub has time to read them. */
const rowsMax = 4_096;
const chunkBytes = 1_048_576;

/** `used`: up to where rows are in it. `lastSeq`: of the last one. */
type Chunk = { memory: Buffer; used: number; lastSeq: number };

export class WrittenRows {
  private readonly rows = new Map<number, Buffer>();
  /** In the order of their rows. */
  private readonly chunks: Chunk[] = [];
  private free: Buffer[] = [];
  private bytes = 0;

  /** Memory for the next row, which is to be kept when it is written; `null`: there is none left for it. */
  room(length: number): Buffer | null {
    if (this.rows.size >= rowsMax) return null;
    const chunk = this.chunkFor(length);
    if (chunk === null) return null;
    chunk.used += length;
    return chunk.memory.subarray(chunk.used - length, chunk.used);
  }

  private chunkFor(length: number): Chunk | null {
    const last = this.chunks.at(-1);
    if (last !== undefined && last.used + length <= last.memory.length) return last;
    const size = Math.max(chunkBytes, length);
    if (this.bytes + size > bytesMax) return null;
    const memory = (size === chunkBytes ? this.free.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
    this.bytes += size;
    const chunk = { memory, used: 0, lastSeq: 0 };
    this.chunks.push(chunk);
    return chunk;
  }

  /** `row` is in the `room` that was asked for last. */
  keep(seq: number, row: Buffer): void {
    this.rows.set(seq, row);
    const chunk = this.chunks.at(-1);
    if (chunk !== undefined) chunk.lastSeq = seq;
  }

  get(seq: number): Buffer | undefined {
    return this.rows.get(seq);
  }

  /** They are sealed. */
  dropThrough(last: number): void {
    for (const seq of this.rows.keys()) {
      if (seq > last) break;
      this.rows.delete(seq);
    }
    while (this.chunks[0] !== undefined && this.chunks[0].lastSeq <= last) {
      const { memory } = this.chunks[0];
      this.chunks.shift();
      this.bytes -= memory.length;
      if (memory.length === chunkBytes) this.free.push(memory);
    }
    // As much as comes until the next segment is sealed, at the pace of the moment.
    this.free.length = Math.min(this.free.length, 2 * this.chunks.length);
  }
}
