/**
 * Where a segment's events are in their rows: four numbers each, all in one array that the garbage collector need not look into.
 * Each place has some of its chunks.
 */

/** `row`: by its number in the segment; `bodyAt`: from where the row's bodies begin; `copy`: -1 for the fact itself, else which of its copies. */
export type TailPosition = { row: number; at: number; bodyAt: number; copy: number };
export const newTailPosition = (): TailPosition => ({ row: 0, at: 0, bodyAt: 0, copy: -1 });

/** A place's own: how many positions it has, and where its chunks begin. */
export type PlacePositions = { count: number; chunks: number[] };

const stride = 4;
/** Small, since with many queues each has a few events in a segment. */
const chunkEvents = 8;
const chunksAtFirst = 32;

export class TailPositions {
  private numbers = new Int32Array(chunksAtFirst * chunkEvents * stride);
  private used = 0;

  add(place: PlacePositions, { row, at, bodyAt, copy }: TailPosition): void {
    // Of many queues each has one chunk, and a list that was pushed into has room for seventeen.
    if (place.count === 0) place.chunks = [this.newChunk()];
    else if (place.count % chunkEvents === 0) place.chunks.push(this.newChunk());
    const start = startOf(place, place.count);
    const { numbers } = this;
    numbers[start] = row;
    numbers[start + 1] = at;
    numbers[start + 2] = bodyAt;
    numbers[start + 3] = copy;
    place.count += 1;
  }

  /** Fills `position` with the place's one at this index. */
  read(place: PlacePositions, index: number, position: TailPosition): void {
    const start = startOf(place, index);
    const { numbers } = this;
    position.row = numbers[start] ?? 0;
    position.at = numbers[start + 1] ?? 0;
    position.bodyAt = numbers[start + 2] ?? 0;
    position.copy = numbers[start + 3] ?? -1;
  }

  private newChunk(): number {
    const start = this.used;
    this.used += chunkEvents * stride;
    if (this.used > this.numbers.length) {
      const larger = new Int32Array(this.numbers.length * 2);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    return start;
  }
}

function startOf({ chunks }: PlacePositions, index: number): number {
  return (chunks[Math.floor(index / chunkEvents)] ?? 0) + (index % chunkEvents) * stride;
}
