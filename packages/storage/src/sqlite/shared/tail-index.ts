/**
 * Where the events of the tail are: by segment, then by place. Built from the rows themselves, by the committer as it
 * appends and by the reader as it follows; a few numbers per event, for the events that are not sealed yet.
 */
import { fromPlain } from "../codec/batch-codec.ts";
import { textAt } from "../codec/strings.ts";
import { forEachFact, type TailRow, voidFact } from "../codec/tail-codec.ts";
import { damaged } from "../words.ts";

/** `copy` is -1 for the fact itself, else the index of its copy. */
export type TailPosition = { seq: number; at: number; bodyAt: number; copy: number };
export type TailPlace = {
  /** Offset of the first position. */
  first: number;
  /** Four numbers per event: seq, at, bodyAt, copy. */
  positions: number[];
  voids: { producer: string; number: number }[];
};
const stride = 4;

export const countOf = (place: TailPlace): number => place.positions.length / stride;
export function positionAt(place: TailPlace, index: number): TailPosition {
  const at = index * stride;
  const { positions } = place;
  return { seq: positions[at] ?? 0, at: positions[at + 1] ?? 0, bodyAt: positions[at + 2] ?? 0, copy: positions[at + 3] ?? -1 };
}

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

  constructor(id: number, first: TailRow) {
    this.id = id;
    this.firstSeq = this.lastSeq = first.seq;
    this.firstMs = this.lastMs = first.recordedAtMs;
  }

  add(row: TailRow): void {
    const places: (TailPlace | undefined)[] = [];
    const placeAt = (index: number): TailPlace => (places[index] ??= this.placeOf(textAt(row.strings, index)));
    forEachFact(row, (fact, at) => {
      const home = placeAt(fact.place);
      if (fact.kind === voidFact) {
        home.voids.push({ producer: textAt(row.strings, fact.producer), number: fact.number });
        return;
      }
      if (fact.kind === fromPlain) this.plainFacts += 1;
      this.put(home, fact.offset, row.seq, at, fact.bodyFrom, -1);
      for (let i = 0; i < fact.copies.length; i++) {
        const copy = fact.copies[i];
        if (copy !== undefined) this.put(placeAt(copy.place), copy.offset, row.seq, at, fact.bodyFrom, i);
      }
    });
    this.lastSeq = row.seq;
    this.lastMs = row.recordedAtMs;
    this.bytes += row.bytes.length;
  }

  private placeOf(name: string): TailPlace {
    let place = this.places.get(name);
    if (place === undefined) {
      place = { first: 0, positions: [], voids: [] };
      this.places.set(name, place);
    }
    return place;
  }

  private put(place: TailPlace, offset: number, seq: number, at: number, bodyAt: number, copy: number): void {
    if (place.positions.length === 0) place.first = offset;
    else if (offset !== place.first + countOf(place))
      throw damaged(`Offset ${offset} follows ${place.first + countOf(place) - 1} in the tail.`);
    place.positions.push(seq, at, bodyAt, copy);
    this.events += 1;
  }
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
    let segment = this.segments.at(-1);
    if (segment?.id !== segmentId) {
      segment = new TailSegment(segmentId, row);
      this.segments.push(segment);
    }
    segment.add(row);
  }

  /** Forgets the segments up to this one: they are sealed. */
  dropThrough(segmentId: number): void {
    while (this.segments[0] !== undefined && this.segments[0].id <= segmentId) this.segments.shift();
  }

  /** The place's last offset in the tail; 0: it has none there. */
  head(name: string): number {
    for (const segment of this.segments.toReversed()) {
      const place = segment.places.get(name);
      if (place !== undefined && place.positions.length > 0) return place.first + countOf(place) - 1;
    }
    return 0;
  }

  find(name: string, offset: number): TailPosition | null {
    for (const segment of this.segments) {
      const place = segment.places.get(name);
      if (place === undefined || place.positions.length === 0 || offset < place.first) continue;
      const index = offset - place.first;
      if (index < countOf(place)) return positionAt(place, index);
    }
    return null;
  }
}
