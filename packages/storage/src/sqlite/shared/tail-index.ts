/**
 * Where the events of the tail are: by segment, then by place. Filled by the committer as it appends, and from the rows themselves by
 * a start and by the reader as it follows; a few numbers per event, for the events that are not sealed yet.
 */
import { fromPlain } from "../codec/batch-codec.ts";
import { textAt } from "../codec/strings.ts";
import { forEachFact, type TailRow, voidFact } from "../codec/tail-codec.ts";
import { damaged } from "../words.ts";
import { newTailPosition, type PlacePositions, type TailPosition, TailPositions } from "./tail-positions.ts";

export type TailPlace = PlacePositions & {
  /** Offset of the first position. */
  first: number;
  voids: Void[];
};
type Void = { producer: string; number: number };
/** Nearly all have none, and of many queues each has a place. Never pushed into. */
const noVoids: Void[] = [];
/** Where an event is: in the row of this sequence. */
export type FoundPosition = TailPosition & { seq: number };

export class TailSegment {
  readonly id: number;
  readonly places = new Map<string, TailPlace>();
  readonly firstSeq: number;
  lastSeq: number;
  events = 0;
  plainFacts = 0;
  bytes = 0;
  readonly firstMs: number;
  lastMs: number;
  private readonly positions = new TailPositions();
  private readonly position = newTailPosition();

  constructor(id: number, firstSeq: number, firstMs: number) {
    this.id = id;
    this.firstSeq = this.lastSeq = firstSeq;
    this.firstMs = this.lastMs = firstMs;
  }

  /** Puts in all events of a row. */
  add(row: TailRow): void {
    const places: (TailPlace | undefined)[] = [];
    const placeAt = (index: number): TailPlace => (places[index] ??= this.placeOf(textAt(row.strings, index)));
    const { position } = this;
    position.row = row.seq - this.firstSeq;
    forEachFact(row, (fact, at) => {
      const home = placeAt(fact.place);
      if (fact.kind === voidFact) {
        addVoid(home, { producer: textAt(row.strings, fact.producer), number: fact.number });
        return;
      }
      if (fact.kind === fromPlain) this.plainFacts += 1;
      position.at = at;
      position.bodyAt = fact.bodyFrom - row.bodiesFrom;
      position.copy = -1;
      this.put(home, fact.offset, position);
      for (const copy of fact.copies) {
        position.copy += 1;
        this.put(placeAt(copy.place), copy.offset, position);
      }
    });
    this.written(row.seq, row.recordedAtMs, row.bytes.length);
  }

  /** A row is whole: all that it holds has been put in. */
  written(seq: number, recordedAtMs: number, bytes: number): void {
    this.lastSeq = seq;
    this.lastMs = recordedAtMs;
    this.bytes += bytes;
  }

  placeOf(name: string): TailPlace {
    let place = this.places.get(name);
    if (place === undefined) {
      place = { first: 0, count: 0, chunks: [], voids: noVoids };
      this.places.set(name, place);
    }
    return place;
  }

  put(place: TailPlace, offset: number, position: TailPosition): void {
    if (place.count === 0) place.first = offset;
    else if (offset !== place.first + place.count) throw damaged(`Offset ${offset} follows ${place.first + place.count - 1} in the tail.`);
    this.positions.add(place, position);
    this.events += 1;
  }

  /** Fills `position` with the one of this event, of the place's `index`th here; answers the sequence of its row. */
  read(place: TailPlace, index: number, position: TailPosition): number {
    this.positions.read(place, index, position);
    return this.firstSeq + position.row;
  }
}

export function addVoid(place: TailPlace, one: Void): void {
  if (place.voids.length === 0) place.voids = [one];
  else place.voids.push(one);
}

export class TailIndex {
  readonly segments: TailSegment[] = [];

  get lastSeq(): number {
    return this.segments.at(-1)?.lastSeq ?? 0;
  }
  get events(): number {
    return this.segments.reduce((sum, segment) => sum + segment.events, 0);
  }

  add(segmentId: number, row: TailRow): void {
    this.segment(segmentId, row.seq, row.recordedAtMs).add(row);
  }

  /** The segment that a row belongs to; made with its first one. */
  segment(id: number, seq: number, recordedAtMs: number): TailSegment {
    const last = this.segments.at(-1);
    if (last?.id === id) return last;
    const segment = new TailSegment(id, seq, recordedAtMs);
    this.segments.push(segment);
    return segment;
  }

  /** Forgets the segments up to this one: they are sealed. */
  dropThrough(segmentId: number): void {
    while (this.segments[0] !== undefined && this.segments[0].id <= segmentId) this.segments.shift();
  }

  /** The place's last offset in the tail; 0: it has none there. */
  head(name: string): number {
    for (const segment of this.segments.toReversed()) {
      const place = segment.places.get(name);
      if (place !== undefined && place.count > 0) return place.first + place.count - 1;
    }
    return 0;
  }

  find(name: string, offset: number): FoundPosition | null {
    for (const segment of this.segments) {
      const place = segment.places.get(name);
      if (place === undefined || place.count === 0 || offset < place.first) continue;
      const index = offset - place.first;
      if (index >= place.count) continue;
      const position = newTailPosition();
      const seq = segment.read(place, index, position);
      return { ...position, seq };
    }
    return null;
  }
}
