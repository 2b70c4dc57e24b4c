/**
 * The words between the engine and whoever runs it: what comes in, what goes out, and what is kept.
 * Everything is data: time, tokens' epoch and chance come in, nothing is asked for.
 */
import type { EngineReason, QueueOrder, Settle } from "@waybill/events";

/** One socket's seat in one subscription; unique while the hub runs. */
export type ConsumerId = number;

/** One event of the queue, as the engine needs it. `ref` is the runner's own (the body); the engine only hands it back. */
export type Entry = {
  offset: number;
  /** Order key: the parcel. */
  key: string;
  type: string;
  /** Size of the body. */
  bytes: number;
  recordedAtMs: number;
  /** Offered not before this hub time [D1]. */
  notBeforeMs?: number | undefined;
  /** A pool's event whose job is no longer free: settled before it is looked at. */
  resolved?: boolean;
  ref: unknown;
};

/** Both ends included. */
export type OffsetRange = readonly [from: number, to: number];

/**
 * What is durable of a subscription, besides a row per event that ever failed and the parked offsets.
 * All offsets up to `cursor` are settled, except those in `open`, the parked ones and the dead letters.
 */
export type Progress = {
  /** Raised by each reset. */
  generation: number;
  cursor: number;
  open: readonly OffsetRange[];
  /** After a restart, unsettled events up to here count as interrupted once. */
  offeredTo: number;
  /** The last offset that a consumer acked, redrives aside; 0: none. What is settled in another way does not move it. */
  ackedTo: number;
  paused: boolean;
};

export type AttemptKind = "failed" | "interrupted";
export type AttemptNote = { atMs: number; kind: AttemptKind; by: string; reason: string };

/** One row per event from its first failure on, until it is settled. */
export type AttemptRow = {
  offset: number;
  key: string;
  failed: number;
  interrupted: number;
  /** Not offered before (hub time). */
  dueMs: number;
  /** Once interrupted, an event is offered alone. */
  alone: boolean;
  /** Attempts are used up or it was rejected: it waits for a retry or a skip (policy `block`). */
  stuck: boolean;
  redrive: number;
  /** The last 32 attempts, oldest first. */
  notes: readonly AttemptNote[];
};

/** Policy `skip`: with its body (kept by the storage from `ref`), outside of retention, redrivable. */
export type DeadLetter = {
  offset: number;
  key: string;
  type: string;
  buriedAtMs: number;
  redrive: number;
  notes: readonly AttemptNote[];
  ref: unknown;
};

/** Up to 64 waiting offsets of a parked key, ascending. A chunk is named by its first offset. */
export type ParkedChunk = { key: string; first: number; offsets: readonly number[] };

/** All that changed of one subscription since its last write; applied whole or not at all. */
export type ProgressWrite = {
  progress: Progress;
  attempts: { put: readonly AttemptRow[]; remove: readonly number[] };
  parked: { put: readonly ParkedChunk[]; remove: readonly { key: string; first: number }[] };
  dead: { put: readonly DeadLetter[]; remove: readonly number[] };
};

/** What the engine starts from: read from storage in one go. */
export type Restored = {
  progress: Progress;
  attempts: readonly AttemptRow[];
  /** Each parked key with its first chunk's first offset. `count`: how many of its offsets are parked, for `view` only. */
  parked: readonly { key: string; first: number; count?: number }[];
  deadCount: number;
  /** Last offset of the queue. */
  head: number;
};

export type EngineOptions = {
  order: QueueOrder;
  /** Attempts used up: the event stays first of its key (`block`), or is buried and the key goes on (`skip`). */
  policy: "block" | "skip";
  /** Durable epoch of this owner: first half of every token. */
  epoch: number;
  leaseMs: number;
  failedMax: number;
  interruptedMax: number;
  /** First and greatest back-off after a failure. */
  backoffMs: number;
  backoffMaxMs: number;
  windowEventsMax: number;
  windowBytesMax: number;
  keyWaitingMax: number;
  /** Keys that are parked before reading stops [W7]. */
  parkedKeysMax: number;
  deadLettersMax: number;
  /** Only these types are wanted; others are settled at sight. `null`: all. */
  types: readonly string[] | null;
};

export type Credit = { events: number; bytes: number };

/** `frames` may hold several events of a key, in order; `plain` gets one per key at a time. */
export type ConsumerMode = "frames" | "plain";

export type EngineInput =
  /** New events at the queue's end, after their commit. */
  | { type: "appended"; entries: readonly Entry[] }
  /** The answer to `read`: all events from `from` to `to` that still exist. `gapTo`: history up to there was trimmed. */
  | { type: "loaded"; from: number; to: number; entries: readonly Entry[]; gapTo?: number }
  /** History before `firstKept` is gone: what was not read of it is told at once, and not when somebody has room to read it. */
  | { type: "trimmed"; firstKept: number }
  /** The answer to `read-parked`: the first chunk of the key and where the next begins (0: none). `missing`: its offsets that were trimmed. */
  | { type: "loaded-parked"; key: string; first: number; entries: readonly Entry[]; next: number; missing?: readonly number[] }
  /** The answer to a `commit` effect. After `failed` the runner reloads the subscription from storage. */
  | { type: "committed"; commit: number }
  | { type: "subscribe"; consumer: ConsumerId; instance: string; by: string; mode: ConsumerMode; credit: Credit }
  | { type: "credit"; consumer: ConsumerId; credit: Credit }
  | { type: "settle"; consumer: ConsumerId; settle: Omit<Settle, "sub"> }
  /** The connection is gone: what it held may have been started. */
  | { type: "disconnect"; consumer: ConsumerId }
  /** The consumer hands everything back, uncounted, and leaves (unsubscribe). */
  | { type: "withdraw"; consumer: ConsumerId }
  /** A pool's jobs that were taken, cancelled or otherwise decided by their claims. */
  | { type: "resolved"; offsets: readonly number[] }
  /**
   * A dead letter is offered again, late, with `redrive` one higher; needs its entry, and `notes`, its history so far.
   * After a restart the runner hands in again what has a row with `redrive` > 0.
   */
  | { type: "redrive"; entry: Entry; redrive: number; notes?: readonly AttemptNote[] }
  /** A stuck key: try its first event again from zero, or bury that one and go on. */
  | { type: "retry-key"; key: string }
  | { type: "skip-key"; key: string; by: string; reason: string }
  | { type: "pause"; paused: boolean }
  /** The hub is about to leave: from now on nothing is offered. For good; a restart knows nothing of it. */
  | { type: "drain" }
  /** After `drain`: what is in any hand still goes back, and its consumers are told. They keep their seats. */
  | { type: "hand-back" }
  /** From now on; the runner has made it durable before. */
  | { type: "policy"; policy: EngineOptions["policy"] }
  /** A dead letter is deleted; its redrive, if one is under way and in nobody's hand, with it. */
  | { type: "discard"; offset: number }
  /** What was taken and offered is worth a write of its own by now [P4]. */
  | { type: "write" }
  | { type: "tick" };

export type DeliveryItem = { entry: Entry; failed: number; interrupted: number; redrive: number };

export type EngineEffect =
  | { type: "read"; from: number; eventsMax: number; bytesMax: number }
  | { type: "read-parked"; key: string; first: number }
  /** `urgent`: something waits for it. Otherwise with the next commit, or 5 ms later. Answered by `committed`, in order. */
  | { type: "commit"; commit: number; urgent: boolean; write: ProgressWrite }
  /** Something is to be written that can wait for what is settled: apply `write` a while later, if no `commit` came by then. */
  | { type: "unwritten" }
  /** Tokens are contiguous from `first`. */
  | { type: "deliver"; consumer: ConsumerId; first: number; items: readonly DeliveryItem[] }
  /** Leases that ended. `epoch` is the tokens' own, which may be an earlier one than the engine's. */
  | { type: "lost"; consumer: ConsumerId; epoch: number; tokens: readonly (readonly [number, number])[] }
  /** For receipts, counters and the log: what was settled for good, after nothing else can change it. */
  | {
      type: "settled";
      how: "acked" | "unwanted" | "resolved" | "buried" | "discarded" | "gap";
      entries: readonly Entry[];
      count: number;
      consumer: ConsumerId | null;
      /** It was a dead letter, sent again by hand. */
      redrive?: true;
    }
  | {
      type: "failed";
      entry: Entry;
      consumer: ConsumerId | null;
      kind: AttemptKind;
      reason: string;
      failed: number;
      interrupted: number;
      outcome: "retry" | "stuck" | "buried";
      dueMs: number;
    }
  /** Trimmed before it was read. To all consumers, or to one that has just come. */
  | { type: "gap"; from: number; to: number; consumer?: ConsumerId }
  /** Apply `tick` at this hub time at the latest. Replaces an earlier wake. */
  | { type: "wake"; atMs: number };

/** What comes with every call of `apply`: hub time in ms, and one fresh number in [0, 1) for jitter. */
export type Moment = { nowMs: number; chance: number };

export type EngineView = {
  floor: number;
  cursor: number;
  head: number;
  /** Offsets that are not settled: open + parked + not yet read. */
  pending: number;
  inHand: number;
  waitingRetry: number;
  /** Events in memory, and first events of parked keys, that wait for their `notBefore`. */
  delayed: number;
  stuckKeys: readonly string[];
  parkedKeys: number;
  deadCount: number;
  /** Offsets of the dead letters that were sent again and are not acked yet. */
  redrives: readonly number[];
  consumers: number;
  paused: boolean;
  windowEvents: number;
  windowBytes: number;
};

/** The event that is asked about; what the asker knows of it makes the answer better. */
export type Explained = { offset: number; key?: string; type?: string; notBeforeMs?: number };

/**
 * Why an event is not settled: `reason` is that of `first`, which is the event itself, or the earliest unsettled one of its key.
 * `redrive` > 0: it is a dead letter that was sent again.
 */
export type Explanation = { first: number; redrive: number; reason: EngineReason };

export interface Engine {
  /** Changes the engine in place; appends what must be done to `out`. Deterministic. Throws on a broken invariant only. */
  apply(inputs: readonly EngineInput[], moment: Moment, out: EngineEffect[]): void;
  /** `write` would lead to a commit. */
  hasUnwritten(): boolean;
  /** Takes the answer to this commit if nothing comes of it, as things are. `false`: it took nothing; `committed` has to tell it. */
  landSilently(commit: number): boolean;
  view(): EngineView;
  /** Of unsettled events in memory, ascending. What their `ref` refers to may be changed; nothing else. */
  entries(): Iterable<Entry>;
  /** Trimmed history that no consumer has confirmed to know, ascending: told already, or not read yet. `firstKept`: history before it was trimmed. */
  gaps(firstKept: number): OffsetRange[];
  /** Changes nothing. Costs the attempts and the events of one key. */
  explain(event: Explained, nowMs: number): Explanation;
}
