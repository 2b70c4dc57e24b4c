/** The things that the engine moves about: an event in memory, its key's lane, a consumer, a batch of leases. */
import type { DeliveryState } from "./delivery.ts";
import type { Fifo } from "./fifo.ts";
import type { AttemptNote, ConsumerId, ConsumerMode, Credit, DeadLetter, Entry, ParkedChunk } from "./types.ts";

/** Mutable twin of `AttemptRow`. */
export type Attempt = {
  readonly offset: number;
  readonly key: string;
  failed: number;
  interrupted: number;
  dueMs: number;
  alone: boolean;
  stuck: boolean;
  readonly redrive: number;
  notes: AttemptNote[];
  /** Set while it is in hand alone: the interruption that its row already has [P6]. */
  offered: { atMs: number; by: string } | null;
  /** Asked for by `skip-key` before the event was in memory. */
  skip: { by: string; reason: string } | null;
};

/** What a disconnect did to an event, so that the return of the same instance can undo it [A6]. */
export type Blame = { instance: string; counted: boolean; wasAlone: boolean };

/** An event in memory. */
export type Item = {
  readonly offset: number;
  readonly bytes: number;
  readonly lane: Lane;
  /** > 0: sent again by hand; not part of the window. */
  readonly redrive: number;
  entry: Entry;
  state: DeliveryState;
  inWindow: boolean;
  token: number;
  batch: Batch | null;
  leaseUntilMs: number;
  started: boolean;
  suspect: boolean;
  attempt: Attempt | null;
  blame: Blame | null;
  /** Pools only: until when each consumer that passed is not asked again, and how often all of them passed [K2]. */
  passed: Map<ConsumerId, number> | null;
  rounds: number;
  /** While it rests. */
  dueMs: number;
};

/** A parked key's chunks, as far as they are known: `first` begins the first one, `firsts` those made by this engine. */
export type Parked = {
  first: number;
  firsts: number[];
  /** Where the next parked offset goes. */
  tail: { first: number; offsets: number[] } | null;
  count: number;
  loading: boolean;
  /** Its first event rests until then. */
  dueMs: number;
  /** What it waits for is the event's own time, not a back-off. */
  isDelayed: boolean;
};

/**
 * An order key's events in memory, ascending. `items[head..next)` are in the hand of `holder`, `items[next..]` in nobody's.
 * In a pool, and for a redrive, each event has a lane of its own.
 */
export type Lane = {
  readonly key: string;
  items: readonly Item[];
  head: number;
  next: number;
  holder: Consumer | null;
  /** The queue that it waits in; entries of a queue that say otherwise are stale. */
  queued: "none" | "ready" | "holder" | "suspect";
  long: boolean;
  parked: Parked | null;
  wantsChunk: boolean;
};

/** Leases given by one `deliver`: token `first + i` is of `items[i]`. */
export type Batch = { readonly consumer: Consumer; readonly first: number; items: readonly Item[]; live: number; readonly dueMs: number };

export type Consumer = {
  readonly id: ConsumerId;
  readonly instance: string;
  readonly by: string;
  readonly mode: ConsumerMode;
  credit: Credit;
  events: number;
  bytes: number;
  /** Ascending by `first`. Dead ones are swept now and then. */
  batches: Batch[];
  deadBatches: number;
  /** Keys of which it has events in hand, with more to come. */
  readonly lanes: Fifo<Lane>;
  lanesTurn: boolean;
  /** Something waits for it that its credit in bytes has no room for now. */
  isShort: boolean;
  /** In hand alone [A4]. */
  alone: Item | null;
  /** Gathered during one `apply`: see `withOne`. */
  offers: readonly Item[];
  acked: readonly Entry[];
  lost: [from: number, to: number][];
};

export type ChunkChange = { key: string; first: number; chunk: ParkedChunk | null };
export type DeadChange = DeadLetter | null;

const released: Entry = { offset: 0, key: "", type: "", bytes: 0, recordedAtMs: 0, ref: null };

/** Lets go of the body: tokens that are remembered may keep the item alive for long. */
export function release(item: Item): void {
  item.entry = released;
  item.inWindow = false;
  item.passed = null;
}

export function createItem(entry: Entry, lane: Lane, redrive: number): Item {
  return {
    offset: entry.offset,
    bytes: entry.bytes,
    lane,
    redrive,
    entry,
    state: "waiting",
    inWindow: redrive === 0,
    token: 0,
    batch: null,
    leaseUntilMs: 0,
    started: false,
    suspect: false,
    attempt: null,
    blame: null,
    passed: null,
    rounds: 0,
    dueMs: 0,
  };
}

export function createLane(key: string): Lane {
  return { key, items: none, head: 0, next: 0, holder: null, queued: "none", long: false, parked: null, wantsChunk: false };
}

export const firstOf = (lane: Lane): Item | undefined => lane.items[lane.head];
export const nextOf = (lane: Lane): Item | undefined => lane.items[lane.next];
export const isInHand = (lane: Lane): boolean => lane.next > lane.head;
export const notInHand = (lane: Lane): number => lane.items.length - lane.next;
/** When it may be offered, by what its publisher asked for: 0 is at once. A redrive always may [D4]. */
export const ownTimeOf = ({ redrive, entry }: Item): number => (redrive === 0 ? (entry.notBeforeMs ?? 0) : 0);
/** It rests for its own time, not for a back-off [D1]. */
export const isDelayed = (item: Item): boolean => item.state === "resting" && item.dueMs === ownTimeOf(item);
export const hasRoom = (consumer: Consumer): boolean =>
  consumer.alone === null && consumer.events < consumer.credit.events && consumer.bytes < consumer.credit.bytes;

/**
 * What a list is that holds nothing: the same for all. An empty list of its own that is put into an engine stays until the engine's next turn, and
 * V8 comes to make whatever is made there among what is old: with ten thousand engines, 4 KB an event were found dead only when all was looked through.
 */
export const none: readonly never[] = Object.freeze([]);

/**
 * The list with one more in it, which began as `none`. Most lists here hold one: a literal has room for that, the first `push` to an empty list
 * makes room for seventeen.
 */
export function withOne<T>(list: readonly T[], one: T): readonly T[] {
  if (list.length === 0) return [one];
  (list as T[]).push(one);
  return list;
}
