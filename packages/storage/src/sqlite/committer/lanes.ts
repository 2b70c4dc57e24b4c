/** How far each lane is, and what its last 1,024 numbers were. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { int } from "../columns.ts";
import type { Events } from "../shared/events.ts";
import { Fault, laneRecentMax } from "../words.ts";
import { PairMap } from "./pair-map.ts";

/**
 * `last`: offset of the lane's latest event in its home, 0: none. `tailSegment` as for heads. What follows is begun anew with each `batch`
 * that has the lane's events; `written`: its numbers up to here are in a row that is written.
 */
export type Lane = {
  place: string;
  producer: string;
  number: number;
  last: number;
  tailSegment: number;
  batch: number;
  written: number;
  incarnation: number;
  isStopped: boolean;
};
/** `void`: the number holds no event. `unknown`: too long ago, or trimmed. */
export type Seen = { is: "event"; id: string; offset: number } | { is: "void" } | { is: "unknown" };

const newLane = (place: string, producer: string): Lane => ({
  place,
  producer,
  number: 0,
  last: 0,
  tailSegment: 0,
  batch: 0,
  written: 0,
  incarnation: 0,
  isStopped: false,
});

/** More are forgotten, except those that only the tail knows. */
const lanesKeptMax = 200_000;

export class Lanes {
  /** By producer, then by place. */
  private readonly lanes = new PairMap<Lane>();
  private readonly lanesMax: number;
  private readonly select: StatementSync;
  private readonly events: Events;
  /** Walks of this transaction: a producer that comes back repeats many numbers of one lane. */
  private walks = new Map<Lane, { next: number; seen: Map<number, { id: string; offset: number }>; lowest: number }>();

  constructor(db: DatabaseSync, events: Events, lanesMax = lanesKeptMax) {
    this.select = db.prepare("SELECT number, last_offset FROM lane WHERE place = ? AND producer = ?");
    this.events = events;
    this.lanesMax = lanesMax;
  }

  /** Takes over what a start finds in the tail, in its order. Only a lane with nothing but voids there needs its row. */
  restore(place: string, producer: string, found: { number: number; offset: number; segment: number }): void {
    let lane = this.lanes.get(producer, place);
    lane ??= found.offset > 0 ? this.keep(newLane(place, producer)) : this.load(place, producer);
    lane.number = Math.max(lane.number, found.number);
    lane.last = Math.max(lane.last, found.offset);
    lane.tailSegment = found.segment;
  }

  get(place: string, producer: string): Lane {
    return this.lanes.get(producer, place) ?? this.load(place, producer);
  }

  private load(place: string, producer: string): Lane {
    const row = this.select.get(place, producer);
    const lane = newLane(place, producer);
    if (row !== undefined) {
      lane.number = int(row, "number");
      lane.last = int(row, "last_offset");
    }
    return this.keep(lane);
  }

  private keep(lane: Lane): Lane {
    this.lanes.set(lane.producer, lane.place, lane);
    return lane;
  }

  /** Walks from the lane's latest event backwards, each event naming the one before it. */
  seen(lane: Lane, number: number): Seen {
    if (number <= lane.number - laneRecentMax) return { is: "unknown" };
    let walk = this.walks.get(lane);
    if (walk === undefined) {
      walk = { next: lane.last, seen: new Map(), lowest: lane.number + 1 };
      this.walks.set(lane, walk);
    }
    while (walk.lowest > number && walk.next > 0) {
      const found = this.homeEvent(lane.place, walk.next);
      if (found === null) return { is: "unknown" };
      walk.seen.set(found.event.number, { id: found.event.id, offset: found.event.offset });
      walk.lowest = found.event.number;
      walk.next = found.previous;
    }
    const known = walk.seen.get(number);
    return known === undefined ? { is: "void" } : { is: "event", ...known };
  }

  /** A damaged run hides an id, no more: that the number was stored is known from the lane. */
  private homeEvent(place: string, offset: number) {
    try {
      return this.events.get(place, offset);
    } catch (error) {
      if (error instanceof Fault && error.code === "DATA_DAMAGED") return null;
      throw error;
    }
  }

  /** A lane has moved on. */
  moved(lane: Lane): void {
    if (this.walks.size > 0) this.walks.delete(lane);
  }

  endTransaction(): void {
    if (this.walks.size > 0) this.walks = new Map();
  }

  sealedThrough(segment: number): void {
    if (this.lanes.size > this.lanesMax) this.lanes.deleteWhere(({ tailSegment }) => tailSegment <= segment);
  }
}
