import { fromRow } from "./attempts.ts";
import { type DeliveryInput, type DeliveryState, next } from "./delivery.ts";
import { Fifo } from "./fifo.ts";
import type { Gap } from "./gaps.ts";
import { type Attempt, type Batch, type Consumer, createLane, type Item, type Lane, none } from "./model.ts";
import { ProgressLog } from "./progress.ts";
import { SparseMap, SparseSet } from "./sparse.ts";
import { Timers } from "./timers.ts";
import type { AttemptKind, ConsumerId, EngineEffect, EngineOptions, Entry, OffsetRange, Restored } from "./types.ts";
import { Window } from "./window.ts";

/**
 * `item`: its lease was extended, or it rests; with `round`, who passed may be asked again, if it is that round still. `lane`: a parked key
 * whose first event rests or is delayed.
 */
export type Timer =
  | { atMs: number; item: Item; token: number }
  | { atMs: number; item: Item; round: number }
  | { atMs: number; lane: Lane };

/** A token that ended without an answer [T6]. */
export type Ended = { item: Item; instance: string; consumer: ConsumerId };

type SettledEffect = Extract<EngineEffect, { type: "settled" }>;
export type How = SettledEffect["how"];

/** All of an engine. The files beside this one each change their part of it. */
export type State = {
  readonly options: EngineOptions;
  readonly wanted: ReadonlySet<string> | null;
  policy: EngineOptions["policy"];
  nowMs: number;
  chance: number;
  out: EngineEffect[];
  readonly counts: Record<DeliveryState, number>;

  // What there is.
  readonly generation: number;
  readonly window: Window;
  readonly redrives: SparseMap<number, Item>;
  readonly attempts: SparseMap<number, Attempt>;
  readonly parked: SparseMap<string, Lane>;
  parkedCount: number;
  deadCount: number;
  paused: boolean;
  /** [L1] */
  isDraining: boolean;

  // What was read of the queue: all up to `cursor`, except `unloaded`, which were open when the engine was made.
  cursor: number;
  head: number;
  unloaded: OffsetRange[];
  /** Told and not confirmed, ascending [G2]. */
  gaps: Gap[];
  offeredTo: number;
  /** [P7] */
  ackedTo: number;
  /** `offeredTo` of the engine before this one [X1]. */
  readonly suspectTo: number;
  reading: { from: number; eventsMax: number } | null;
  chunkReads: number;
  /** An answer did not fit; nothing more is asked for until something left the window. */
  isFull: boolean;
  /** Claims that moved while a read was under way [K4]. */
  readonly resolvedEarly: SparseSet<number>;

  // Who takes.
  readonly consumers: Map<ConsumerId, Consumer>;
  ring: Consumer[];
  turn: number;
  readonly ready: Fifo<Lane>;
  readonly suspects: Fifo<Lane>;
  readonly wantChunk: Fifo<Lane>;
  drain: { consumer: Consumer | null; untilMs: number } | null;
  isHungry: boolean;
  /** Consumers have something new to work on: time to read what comes after it. */
  hasOffered: boolean;
  readonly departed: SparseMap<string, Item[]>;
  /** How events ended that wait for the commit of it, for the notice afterwards [B4]. */
  readonly givenUp: SparseMap<Item, { kind: AttemptKind; consumer: ConsumerId | null; reason: string }>;
  /** Keys whose first event came to be a stuck one: it may have to be buried. */
  stuckFirst: Lane[];
  /** Keys whose first event is asked for only to be buried [B7]. */
  readonly skipKeys: SparseSet<string>;

  // Leases and time.
  lastToken: number;
  readonly expiry: Fifo<Batch>;
  expiryDead: number;
  readonly timers: Timers<Timer>;
  readonly ended: SparseMap<number, Ended>;
  wakeAtMs: number | null;

  readonly log: ProgressLog;

  // Gathered during one `apply`, in place of an effect per event: consumers with something in `acked`, `lost` and `offers`.
  ackers: readonly Consumer[];
  losers: Consumer[];
  offered: readonly Consumer[];
  readonly settled: SparseMap<How, { entries: Entry[]; count: number }>;
};

export function createState(options: EngineOptions, restored: Restored): State {
  const { progress } = restored;
  const state: State = {
    options,
    wanted: options.types === null ? null : new Set(options.types),
    policy: options.policy,
    nowMs: 0,
    chance: 0,
    out: [],
    counts: { waiting: 0, held: 0, answered: 0, saving: 0, resting: 0, stuck: 0, burying: 0, done: 0 },
    generation: progress.generation,
    window: new Window(),
    redrives: new SparseMap(),
    attempts: new SparseMap(restored.attempts.map((row) => [row.offset, fromRow(row)])),
    parked: new SparseMap(),
    parkedCount: 0,
    deadCount: restored.deadCount,
    paused: progress.paused,
    isDraining: false,
    cursor: progress.cursor,
    head: Math.max(restored.head, progress.cursor),
    unloaded: [...progress.open],
    gaps: [],
    offeredTo: progress.offeredTo,
    ackedTo: progress.ackedTo,
    suspectTo: progress.offeredTo,
    reading: null,
    chunkReads: 0,
    isFull: false,
    resolvedEarly: new SparseSet(),
    consumers: new Map(),
    ring: [],
    turn: 0,
    ready: new Fifo(),
    suspects: new Fifo(),
    wantChunk: new Fifo(),
    drain: null,
    isHungry: false,
    hasOffered: false,
    departed: new SparseMap(),
    givenUp: new SparseMap(),
    stuckFirst: [],
    skipKeys: new SparseSet(),
    lastToken: 0,
    expiry: new Fifo(),
    expiryDead: 0,
    timers: new Timers(),
    ended: new SparseMap(),
    wakeAtMs: null,
    log: new ProgressLog(),
    ackers: none,
    losers: [],
    offered: none,
    settled: new SparseMap(),
  };
  for (const { key, first, count = 0 } of restored.parked) {
    const lane = createLane(key);
    lane.parked = { first, firsts: [], tail: null, count, loading: false, dueMs: 0, isDelayed: false };
    lane.wantsChunk = true;
    state.window.lanes.set(key, lane);
    state.parked.set(key, lane);
    state.parkedCount += count;
    state.wantChunk.push(lane);
  }
  return state;
}

/** The one place where an event changes its state. */
export function move(state: State, item: Item, input: DeliveryInput): void {
  const to = next(item.state, input);
  countIn(state, item.state, -1);
  countIn(state, to, 1);
  item.state = to;
}

/** So many more events are in a state. What each event passes is named: `counts[to]`, of a state that may be any, is a look-up for V8 each time. */
export function countIn({ counts }: State, which: DeliveryState, more: number): void {
  if (which === "waiting") counts.waiting += more;
  else if (which === "held") counts.held += more;
  else if (which === "done") counts.done += more;
  else counts[which] += more;
}

/** Nothing is offered, and so nothing is read [C4] [L1]. */
export const isHeld = (state: State): boolean => state.paused || state.isDraining;

export const isPool = (state: State): boolean => state.options.order === "none";

export function noteSettled(state: State, how: How, entry: Entry | null, count: number): void {
  let group = state.settled.get(how);
  if (group === undefined) {
    group = { entries: [], count: 0 };
    state.settled.set(how, group);
  }
  if (entry !== null) group.entries.push(entry);
  group.count += count;
}
