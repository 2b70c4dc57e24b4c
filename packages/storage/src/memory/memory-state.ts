/** What the storage in memory holds: one object per tenant, plain maps, nothing shared with the caller. */
import type { GroupOrder, Queue } from "@waybill/events";
import type { AttemptRow, DeadLetter, ParkedChunk, Progress } from "@waybill/queue";
import type { NameKind, StoredClaim, StoredEvent } from "../port.ts";

/** `home` is the queue where the event was appended first, so that all its copies can be found. */
export type MemoryRecord = { event: StoredEvent; home: Queue };
/** `records[0]` is the event at `firstKept`. */
export type MemoryQueue = { head: number; firstKept: number; records: MemoryRecord[] };
/** `recent`: the last 1,024 numbers; a void has the id `""` and the offset 0. */
export type MemoryLane = { number: number; recent: { number: number; id: string; offset: number }[] };
export type MemorySubscription = {
  types: readonly string[] | null;
  policy: "block" | "skip";
  order: GroupOrder;
  progress: Progress;
  attempts: Map<number, AttemptRow>;
  parked: Map<number, ParkedChunk>;
  dead: Map<number, DeadLetter & { body: Uint8Array }>;
};

export type MemoryTenant = {
  queues: Map<Queue, MemoryQueue>;
  /** By `producer queue`; neither holds a space. */
  lanes: Map<string, MemoryLane>;
  incarnations: Map<string, number>;
  /** The last 1,024 ids of each subject, oldest first. */
  subjects: Map<string, { id: string; home: Queue; offset: number }[]>;
  /** By `queue group`. */
  subscriptions: Map<string, MemorySubscription>;
  claims: Map<string, StoredClaim>;
  names: Map<NameKind, Set<string>>;
  blobs: Map<string, Uint8Array>;
};

export function newTenant(): MemoryTenant {
  return {
    queues: new Map(),
    lanes: new Map(),
    incarnations: new Map(),
    subjects: new Map(),
    subscriptions: new Map(),
    claims: new Map(),
    names: new Map(),
    blobs: new Map(),
  };
}

export function queueOf(tenant: MemoryTenant, queue: Queue): MemoryQueue {
  let found = tenant.queues.get(queue);
  if (found === undefined) {
    found = { head: 0, firstKept: 1, records: [] };
    tenant.queues.set(queue, found);
  }
  return found;
}

export function newSubscription(cursor: number, generation = 1): MemorySubscription {
  return {
    types: null,
    policy: "block",
    order: "key",
    progress: { generation, cursor, open: [], offeredTo: cursor, ackedTo: 0, paused: false },
    attempts: new Map(),
    parked: new Map(),
    dead: new Map(),
  };
}

/** All offsets up to the floor are settled. */
export function floorOf(subscription: MemorySubscription): number {
  const unsettled = [subscription.progress.cursor + 1, ...subscription.progress.open.map(([from]) => from), ...subscription.parked.keys()];
  return Math.min(...unsettled) - 1;
}

export function unsettledOf(subscription: MemorySubscription | undefined, head: number): number {
  if (subscription === undefined) return head;
  const open = subscription.progress.open.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  const parked = [...subscription.parked.values()].reduce((sum, chunk) => sum + chunk.offsets.length, 0);
  return head - subscription.progress.cursor + open + parked;
}
