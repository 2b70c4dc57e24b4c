/** What the main thread and the workers say to each other, as far as it does not go through a hatch. Plain data; large things are buffers that change hands. */
import type { GroupOrder, HubErrorCode, QueueKind } from "@waybill/events";
import type { DeadLetter, ParkedChunk, ResetWrite } from "@waybill/queue";
import type {
  KeptCounts,
  NameKind,
  Page,
  QueueSummary,
  StorageInfo,
  StorageStats,
  StoredClaim,
  StoredEvent,
  SubscriptionKey,
  SubscriptionRow,
} from "../port.ts";

export type CommitterOptions = {
  folder: string;
  wallMs: number;
  queueEventsMax: number;
  segmentEvents: number;
  segmentBytes: number;
  walBytesMax: number;
  ballastBytes: number;
  /** For tests: as if the disk held this many bytes of database. 0: no such bound. */
  fileBytesMax: number;
  /** Shared with the keeper: `signals.ts`. */
  signals: SharedArrayBuffer;
};

/** `jobs`, `replies`: the two directions' hatches. */
export type CommitWorkerData = { options: CommitterOptions; jobs: SharedArrayBuffer; replies: SharedArrayBuffer };

/** Done step by step behind the confirm. */
export type Errand =
  | { method: "redact"; place: string; offset: number; body: Uint8Array }
  | { method: "trim"; beforeMs: number; queueEventsMax: number };

/** Done within a group's transaction. */
export type GroupCall =
  | { method: "registerProducer"; tenant: string; producer: string; incarnation: number }
  | {
      method: "createSubscription";
      place: string;
      group: string;
      cursor: number;
      types: readonly string[] | null;
      policy: "block" | "skip";
      order: GroupOrder;
    }
  | { method: "setTypes"; place: string; group: string; types: readonly string[] | null }
  | { method: "setPolicy"; place: string; group: string; policy: "block" | "skip" }
  | { method: "resetSubscription"; place: string; group: string; write: ResetWrite }
  | { method: "deleteSubscription"; place: string; group: string }
  | { method: "addNames"; tenant: string; kind: NameKind; ids: readonly string[] }
  | { method: "putBlob"; tenant: string; sha256: string; bytes: Uint8Array }
  | { method: "audit"; tenant: string; by: string; action: string; detail: string }
  | { method: "saveTime"; nowMs: number; wallMs: number }
  | { method: "lanes"; producer: string; places: readonly string[] }
  | { method: "stats" };

/** `bytes`: `codec/commit-codec.ts`. */
export type CommitJob = { id: number; type: "commit"; bytes: Uint8Array };
export type Job = CommitJob | { id: number; type: "call"; call: GroupCall } | ErrandJob;
export type ErrandJob = { id: number; type: "errand"; call: Errand };

/** Bytes: a commit's outcomes. */
export type ReplyValue = Uint8Array | boolean | number | null | number[] | StorageStats;
export type Failure = { code: HubErrorCode; message: string };
export type Reply = { id: number; value: ReplyValue } | { id: number; failure: Failure };

/** Events on their way to the main thread: parts of runs, each with the range that was asked for. */
export type RunPart = { bytes: Uint8Array; from: number; to: number };
export type EncodedRead = { parts: RunPart[]; to: number; head: number; firstKept: number };

export type ReadCall =
  | { method: "read"; place: string; from: number; eventsMax: number; bytesMax: number }
  | { method: "readOffsets"; place: string; offsets: readonly number[] }
  | { method: "offsetAt"; place: string; atMs: number }
  | { method: "subscription"; key: SubscriptionKey }
  | { method: "parkedChunk"; key: SubscriptionKey; orderKey: string; first: number }
  | { method: "countKept"; key: SubscriptionKey; from: number; to: number }
  | { method: "deadLetters"; key: SubscriptionKey; after: number; limit: number }
  | { method: "subscriptions"; tenant: string; after: { queue: string; group: string } | null; limit: number }
  | { method: "queues"; tenant: string; kind: QueueKind | null; after: string; limit: number }
  | { method: "groups"; place: string }
  | { method: "claims"; tenant: string; parcels: readonly string[] }
  | { method: "listClaims"; tenant: string; state: "free" | "taken"; driver: string | null; after: string; limit: number }
  | { method: "names"; tenant: string; kind: NameKind; after: string; limit: number }
  | { method: "hasNames"; tenant: string; kind: NameKind; ids: readonly string[] }
  | { method: "blob"; tenant: string; sha256: string };

/** What each call answers. */
export type ReadAnswers = {
  read: EncodedRead;
  readOffsets: StoredEvent[];
  offsetAt: number;
  subscription: SubscriptionRow | null;
  parkedChunk: { chunk: ParkedChunk | null; next: number };
  countKept: KeptCounts;
  deadLetters: Page<DeadLetter & { body: Uint8Array }>;
  subscriptions: Page<{ key: SubscriptionKey; floor: number; head: number; pending: number; stuck: number; dead: number }>;
  queues: Page<QueueSummary>;
  groups: string[];
  claims: StoredClaim[];
  listClaims: Page<StoredClaim & { parcel: string }>;
  names: Page<string>;
  hasNames: boolean[];
  blob: Uint8Array | null;
};
export type ToReader = { id: number; call: ReadCall };
export type FromReader = { id: number; value: ReadAnswers[keyof ReadAnswers] } | { id: number; failure: Failure };

export type ToCommitter = { type: "jobs"; jobs: readonly Job[] } | { type: "close"; nowMs: number; wallMs: number };
/** `number`: of all that is answered together, through the hatch as well. */
export type FromCommitter =
  | { type: "ready"; info: StorageInfo }
  | { type: "failed"; failure: Failure }
  | { type: "replies"; number: number; replies: readonly Reply[] }
  | { type: "closed" };
