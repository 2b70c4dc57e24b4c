/**
 * The port: what survives a crash. Asynchronous and batched; every promise below must also hold after the process was
 * killed at any moment, or the power went. A storage compares and keeps; it never decides what happens next.
 */
import type { Claim, GroupOrder, Queue, QueueKind, Start } from "@waybill/events";
import type { AttemptRow, DeadLetter, ParkedChunk, Progress, ProgressWrite, ResetWrite } from "@waybill/queue";

export type StoredEvent = {
  queue: Queue;
  offset: number;
  /** Hub time; never decreasing within a queue. */
  recordedAtMs: number;
  id: string;
  type: string;
  parcel: string;
  /** Who published: a producer's id, a token's subject, or `hub`. */
  producer: string;
  /** 0 where the publisher does not count. */
  number: number;
  /** Offset in the home queue; equal to `offset` at home. */
  homeOffset: number;
  /** The event's JSON as it was published. */
  body: Uint8Array;
};

/** The publisher of all that is in one outbox. */
export type Outbox = { kind: "numbered"; producer: string; incarnation: number };

/**
 * One event to append, with its copies and its claim: all of it in one commit, or nothing of it.
 * Looked at in this order: its lane stopped (`skipped`), the producer's incarnation (`fenced`), seen before (`duplicate`, `reused`),
 * ahead of its lane (`gap`), room in home and in the copies' queues (`full`), the claim (`claim-moved`).
 */
export type AppendItem = {
  tenant: string;
  /** Numbered: of an outbox. Plain: recognised among the subject's last 1,024 ids. Hub: made by the hub, no check. */
  from: Outbox | { kind: "plain"; subject: string } | { kind: "hub" };
  /** Its place in its outbox's lane; 0 where the publisher does not count. */
  number: number;
  home: Queue;
  id: string;
  type: string;
  parcel: string;
  body: Uint8Array;
  /** Copies in other queues: of this event, or of another (`event`, with the home offset of that one). */
  copies: readonly { queue: Queue; event?: { id: string; type: string; homeOffset: number; body: Uint8Array } }[];
  /**
   * Written only if the claim's epoch still is `expectEpoch` (0: no claim); a copy into a `zone/` queue sets its `poolOffset`.
   * `next` of the same epoch leaves the claim as it is: the event rests on it, and does not move it.
   */
  claim?: { expectEpoch: number; next: Claim } | undefined;
};
/** A number without an event: advances the lane, appends nothing. */
export type VoidItem = {
  tenant: string;
  from: Outbox;
  number: number;
  home: Queue;
  void: true;
};

export type AppendOutcome =
  | { outcome: "stored"; offset: number; recordedAtMs: number; copyOffsets: readonly number[] }
  | { outcome: "void" }
  /** Seen before; `offset` is 0 when it is no longer known. */
  | { outcome: "duplicate"; offset: number }
  /** Another id was stored under this number (`""`: it was void), or a plain subject used the id for another home. */
  | { outcome: "reused"; id: string }
  /** The lane stands before `expected`. */
  | { outcome: "gap"; expected: number }
  | { outcome: "fenced"; incarnation: number }
  /** The claim has moved on; read it and decide again. */
  | { outcome: "claim-moved"; claim: StoredClaim }
  /** Group `main` of a queue (`queue`) has as many unsettled events as it may. */
  | { outcome: "full"; queue: Queue }
  /** An earlier item of the same lane was not stored. */
  | { outcome: "skipped" };

/** `readyOffset`: home offset of the event that asks for the pickup; `poolOffset`: its latest place in the zone's queue. */
export type StoredClaim = { claim: Claim; readyOffset: number; poolOffset: number };

export type SubscriptionKey = { tenant: string; queue: Queue; group: string };
export type SubscriptionRow = {
  key: SubscriptionKey;
  types: readonly string[] | null;
  policy: "block" | "skip";
  /** Given when the group was made, and never changed. A pool keeps no order, whatever this says. */
  order: GroupOrder;
  progress: Progress;
  attempts: readonly AttemptRow[];
  /** `count`: how many offsets of the key are parked. */
  parked: readonly { key: string; first: number; count: number }[];
  deadCount: number;
  /** Last offset of the queue. */
  head: number;
  /** First offset that was not trimmed. */
  firstKept: number;
};

export type KeptCounts = { parked: number; letters: number };

/** One group commit. Items are looked at in order; each is stored or not on its own, but lanes stop at their first refusal. */
export type CommitBatch = {
  nowMs: number;
  items: readonly (AppendItem | VoidItem)[];
  /** Each applied whole, if `epoch` still is the owner's. */
  progress: readonly { key: SubscriptionKey; epoch: number; write: ProgressWrite }[];
};

export type ReadLimits = { eventsMax: number; bytesMax: number };
/** `to`: all offsets from `from` to here were looked at. `firstKept`: history before it was trimmed. */
export type ReadResult = { events: StoredEvent[]; to: number; head: number; firstKept: number };

/** `pending`: events that group `main` has not settled. */
export type QueueSummary = { queue: Queue; head: number; firstKept: number; pending: number };

export type NameKind = "store" | "driver" | "zone";
export type Page<T> = { rows: T[]; more: boolean };

export type StorageInfo = {
  /** Random, born with the data folder; a restore makes a new one. */
  storageId: string;
  /** Raised and committed by this opening, before anything was read. */
  epoch: number;
  format: number;
  /** Hub time at the opening: saved time, advanced by the wall clock's gap, clamped to 0 … 24 h. */
  hubTimeMs: number;
  /** Lower generations were counted before a restore: their offsets may name other events. */
  firstGeneration: number;
};

export type StorageStats = {
  events: number;
  queues: number;
  tailEvents: number;
  segments: number;
  walBytes: number;
  fileBytes: number;
  ballastReleased: boolean;
};

export interface Storage {
  readonly info: StorageInfo;

  /**
   * [P1] When it resolves, all that it calls stored is on disk (synced), and stays so whatever is killed.
   * [P2] It is atomic: after a crash either all of the batch is there or nothing.
   * [P3] Offsets of a queue are contiguous from 1, in the order of the items, in the order of the calls.
   * [P4] A lane's numbers are contiguous; a number is stored once, for ever.
   * [P5] Calls may overlap; they commit in the order of the calls, several in one sync.
   * [P6] A number that was seen is never stored again. Of a lane's last 1,024 the offset is told, and another id is `reused`.
   * [P7] A plain subject's last 1,024 ids are recognised.
   * [P8] A claim is written only if its epoch still is the expected one, in the commit that appends its event and copies.
   * [P9] Group `main` of no queue gets more unsettled events than `queueEventsMax`.
   * [P10] Progress is applied whole, and only with the epoch of this opening; otherwise the batch rejects (INTERNAL).
   * When it rejects (STORAGE_FULL, STORAGE_FAILED) nothing of the batch was stored, nor will be.
   */
  commit(batch: CommitBatch): Promise<AppendOutcome[]>;

  /** [P11] Raises the producer's incarnation, durably; from then on older ones are `fenced`. `false`: a higher one is known. */
  registerProducer(tenant: string, producer: string, incarnation: number): Promise<boolean>;
  /** How far each lane is; 0: never seen. */
  lanes(tenant: string, producer: string, queues: readonly Queue[]): Promise<number[]>;

  /**
   * [P12] Events from `from` on, in order, each once. Sees every commit that resolved before the call.
   * At least one event if there is any and `eventsMax` allows it, even if it is larger than `bytesMax`.
   * DATA_DAMAGED: a stored row is not what was written; it is never served, and other queues are not touched by it.
   */
  read(tenant: string, queue: Queue, from: number, max: ReadLimits): Promise<ReadResult>;
  /** Single events by offset, ascending; trimmed ones are missing. */
  readOffsets(tenant: string, queue: Queue, offsets: readonly number[]): Promise<StoredEvent[]>;
  /** [P13] First offset recorded at or after this hub time, which never decreases in a queue; head + 1 if there is none. */
  offsetAt(tenant: string, queue: Queue, atMs: number): Promise<number>;

  /** [P14] `null`: no such group. Group `main` of an ordered queue, and of a zone, always exists. */
  subscription(key: SubscriptionKey): Promise<SubscriptionRow | null>;
  /** [P15] Resolves with the row that is there afterwards; an existing one is left as it is. `order`: default `key`. TOO_MANY_GROUPS. */
  createSubscription(
    key: SubscriptionKey,
    options: { start: Start; types: readonly string[] | null; policy: "block" | "skip"; order?: GroupOrder },
  ): Promise<SubscriptionRow>;
  /**
   * [P22] All of it in one commit, and only with the epoch of this opening (else INTERNAL): progress stands at `cursor` and nothing
   * above is settled, offered, parked or has attempts; dead letters and redrives from `lettersFrom` on are gone. It is behind all
   * that was handed over before. UNKNOWN_GROUP.
   */
  resetSubscription(key: SubscriptionKey, epoch: number, write: ResetWrite): Promise<void>;
  /**
   * [P23] Gone with all that belongs to it; progress that is written later is dropped. A group that is made anew under its name
   * has a higher generation. `false`: there was none. Never `main` (INTERNAL).
   */
  deleteSubscription(key: SubscriptionKey): Promise<boolean>;
  /** Parked offsets, and dead letters, from `from` to `to`, both ends included. */
  countKept(key: SubscriptionKey, range: { from: number; to: number }): Promise<KeptCounts>;
  setTypes(key: SubscriptionKey, types: readonly string[] | null): Promise<void>;
  setPolicy(key: SubscriptionKey, policy: SubscriptionRow["policy"]): Promise<void>;
  parkedChunk(key: SubscriptionKey, orderKey: string, first: number): Promise<{ chunk: ParkedChunk | null; next: number }>;
  deadLetters(key: SubscriptionKey, after: number, limit: number): Promise<Page<DeadLetter & { body: Uint8Array }>>;
  /**
   * [P16] Subscriptions with something left to do (`floor` below `head`, or dead letters), by queue and group, for retries that
   * fall due without a consumer, and for lists. `pending`: unsettled events, of which the first is behind `floor`.
   */
  subscriptions(
    tenant: string,
    after: { queue: Queue; group: string } | null,
    limit: number,
  ): Promise<Page<{ key: SubscriptionKey; floor: number; head: number; pending: number; stuck: number; dead: number }>>;
  /** [P21] Queues that ever had an event, by name, of one kind if given, behind `after`. One look per queue, whatever its length. */
  queues(tenant: string, filter: { kind?: QueueKind; after: string }, limit: number): Promise<Page<QueueSummary>>;
  /** A queue's groups by name; `main` is always among them. */
  groups(tenant: string, queue: Queue): Promise<string[]>;

  claims(tenant: string, parcels: readonly string[]): Promise<StoredClaim[]>;
  /** Claims in a state, of a driver if given, by parcel. */
  listClaims(
    tenant: string,
    filter: { state: "free" | "taken"; driver?: string },
    after: string,
    limit: number,
  ): Promise<Page<StoredClaim & { parcel: string }>>;

  addNames(tenant: string, kind: NameKind, ids: readonly string[]): Promise<number>;
  names(tenant: string, kind: NameKind, after: string, limit: number): Promise<Page<string>>;
  hasNames(tenant: string, kind: NameKind, ids: readonly string[]): Promise<boolean[]>;

  /** [P17] Replaces the body of one event everywhere (home, copies, dead letters) by `body`; its place in the order stays. */
  redact(tenant: string, home: Queue, offset: number, body: Uint8Array): Promise<void>;
  /**
   * [P18] Drops settled history older than this or above this many events a queue; never what `main` has not settled.
   * A storage may keep more than it must: it drops what it holds in larger pieces.
   */
  trim(limits: { beforeMs: number; queueEventsMax: number }): Promise<{ events: number }>;
  putBlob(tenant: string, sha256: string, bytes: Uint8Array): Promise<void>;
  blob(tenant: string, sha256: string): Promise<Uint8Array | null>;
  /** One line of the audit log; on disk with the next commit. */
  audit(tenant: string, by: string, action: string, detail: string): void;

  /** [P19] A whole copy of this moment, made while the storage runs. A hub is not started on it, but on what `restoreFolder` makes of it. */
  backup(toPath: string): Promise<{ events: number; bytes: number }>;
  /** [P20] Saves hub time; called each second. It is on disk with the next commit. */
  saveTime(nowMs: number): Promise<void>;
  stats(): Promise<StorageStats>;
  /** All that was handed over is committed before it resolves. */
  close(): Promise<void>;
}
