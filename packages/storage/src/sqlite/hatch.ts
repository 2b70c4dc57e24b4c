/**
 * One direction between two threads, for what is small: memory that both have. A message is walked over by V8 on both sides, and Node makes
 * an event of it. What is put in has a number, by which the other side takes it in its place among what came as messages.
 *
 *   i32 rings (`bell.ts`), put, taken; of each place the number, where its bytes begin, how many they are; then the bytes
 *
 * Only who puts in moves `put`, only who takes out moves `taken`. The bytes begin anew whenever all was taken.
 */
import { Bell } from "./bell.ts";

const places = 64;
/** Larger ones are better handed over than copied. */
const entryBytesMax = 65_536;
const bytesMax = 262_144;

const put = 1;
const taken = 2;
const firstPlace = 3;
const cellsPerPlace = 3;
const cellCount = firstPlace + places * cellsPerPlace;

export const newHatch = (): SharedArrayBuffer => new SharedArrayBuffer(cellCount * 4 + bytesMax);

class Hatch {
  readonly bell: Bell;
  protected readonly cells: Int32Array;
  protected readonly bytes: Buffer;

  constructor(memory: SharedArrayBuffer) {
    this.bell = new Bell(memory);
    this.cells = new Int32Array(memory, 0, cellCount);
    this.bytes = Buffer.from(memory, cellCount * 4);
  }

  protected placeAt(count: number): number {
    return firstPlace + (count & (places - 1)) * cellsPerPlace;
  }
}

export class HatchIn extends Hatch {
  private end = 0;

  /** `false`: there is no room for it. Numbers rise; of each the lowest 32 bits are kept. */
  put(number: number, bytes: Uint8Array): boolean {
    const { cells } = this;
    const count = cells[put] ?? 0;
    const waiting = (count - Atomics.load(cells, taken)) | 0;
    const from = waiting === 0 ? 0 : this.end;
    if (waiting === places || bytes.length > entryBytesMax || from + bytes.length > bytesMax) return false;
    this.bytes.set(bytes, from);
    this.end = from + bytes.length;
    const place = this.placeAt(count);
    cells[place] = number;
    cells[place + 1] = from;
    cells[place + 2] = bytes.length;
    Atomics.store(cells, put, count + 1);
    return true;
  }
}

export class HatchOut extends Hatch {
  /** A copy of what was put in under that number, in memory of its own; `null`: another is next, or none. */
  take(number: number): Buffer | null {
    const { cells } = this;
    const count = cells[taken] ?? 0;
    if (Atomics.load(cells, put) === count) return null;
    const place = this.placeAt(count);
    if (cells[place] !== (number | 0)) return null;
    const from = cells[place + 1] ?? 0;
    const length = cells[place + 2] ?? 0;
    const copy = Buffer.allocUnsafeSlow(length);
    this.bytes.copy(copy, 0, from, from + length);
    Atomics.store(cells, taken, count + 1);
    return copy;
  }
}
