/** Subscriptions in memory: progress, attempts, parked offsets and dead letters. */
import { MAIN_GROUP, type Queue } from "@waybill/events";
import type { DeadLetter, Progress, ProgressWrite, ResetWrite } from "@waybill/queue";
import type { SubscriptionKey, SubscriptionRow } from "../port.ts";
import { floorOf, type MemorySubscription, type MemoryTenant, newSubscription } from "./memory-state.ts";

/** Rows, notes and ranges are never changed in place: a list of its own is enough. */
const copyOf = (progress: Progress): Progress => ({ ...progress, open: [...progress.open] });

/** Group `main` exists without having been made. */
export function findSubscription(tenant: MemoryTenant, key: SubscriptionKey): MemorySubscription | null {
  return tenant.subscriptions.get(`${key.queue} ${key.group}`) ?? (key.group === MAIN_GROUP ? newSubscription(0) : null);
}

export function keepSubscription(tenant: MemoryTenant, key: SubscriptionKey, made?: MemorySubscription): MemorySubscription {
  const kept = findSubscription(tenant, key) ?? made ?? newSubscription(0);
  tenant.subscriptions.set(`${key.queue} ${key.group}`, kept);
  return kept;
}

/** `main` is always among them. */
export function groupNames(tenant: MemoryTenant, queue: Queue): string[] {
  const names = [...tenant.subscriptions.keys()].filter((name) => name.startsWith(`${queue} `));
  return [...new Set([...names.map((name) => name.slice(queue.length + 1)), MAIN_GROUP])];
}

export function applyReset(tenant: MemoryTenant, key: SubscriptionKey, { lettersFrom, ...to }: ResetWrite): void {
  const kept = keepSubscription(tenant, key);
  kept.progress = { ...to, open: [], offeredTo: to.cursor, paused: kept.progress.paused };
  for (const [offset, { redrive }] of kept.attempts) if (redrive === 0 || offset >= lettersFrom) kept.attempts.delete(offset);
  for (const offset of kept.dead.keys()) if (offset >= lettersFrom) kept.dead.delete(offset);
  kept.parked.clear();
}

export function applyProgress(tenant: MemoryTenant, key: SubscriptionKey, write: ProgressWrite): void {
  // Of a group that was deleted meanwhile nothing is written.
  if (findSubscription(tenant, key) === null) return;
  const subscription = keepSubscription(tenant, key);
  subscription.progress = copyOf(write.progress);
  for (const offset of write.attempts.remove) subscription.attempts.delete(offset);
  for (const row of write.attempts.put) subscription.attempts.set(row.offset, { ...row, notes: [...row.notes] });
  for (const { first } of write.parked.remove) subscription.parked.delete(first);
  for (const chunk of write.parked.put) subscription.parked.set(chunk.first, { ...chunk, offsets: [...chunk.offsets] });
  for (const offset of write.dead.remove) subscription.dead.delete(offset);
  for (const letter of write.dead.put) subscription.dead.set(letter.offset, { ...letter, ref: null, body: bodyOf(tenant, key, letter) });
}

/** The stored body first: one that was redacted since must not come back by way of a dead letter. */
function bodyOf(tenant: MemoryTenant, key: SubscriptionKey, letter: DeadLetter): Uint8Array {
  const queue = tenant.queues.get(key.queue);
  const stored = queue?.records[letter.offset - queue.firstKept];
  if (stored !== undefined) return stored.event.body;
  return letter.ref instanceof Uint8Array ? letter.ref.slice() : new Uint8Array();
}

export function rowOf(tenant: MemoryTenant, key: SubscriptionKey, subscription: MemorySubscription): SubscriptionRow {
  const queue = tenant.queues.get(key.queue);
  const parked = new Map<string, { key: string; first: number; count: number }>();
  for (const { key: orderKey, first, offsets } of subscription.parked.values()) {
    const known = parked.get(orderKey) ?? { key: orderKey, first, count: 0 };
    parked.set(orderKey, { key: orderKey, first: Math.min(first, known.first), count: known.count + offsets.length });
  }
  return {
    key,
    types: subscription.types,
    policy: subscription.policy,
    order: subscription.order,
    progress: copyOf(subscription.progress),
    attempts: [...subscription.attempts.values()].sort((a, b) => a.offset - b.offset).map((row) => ({ ...row, notes: [...row.notes] })),
    parked: [...parked.values()].sort((a, b) => a.first - b.first),
    deadCount: subscription.dead.size,
    head: queue?.head ?? 0,
    firstKept: queue?.firstKept ?? 1,
  };
}

/** Drops settled history; the greatest offset that may go is bounded by what `main` has settled. */
export function trimTenant(tenant: MemoryTenant, trim: { beforeMs: number; queueEventsMax: number }): number {
  let dropped = 0;
  for (const [name, queue] of tenant.queues) {
    const main = tenant.subscriptions.get(`${name} ${MAIN_GROUP}`);
    const floor = main === undefined ? 0 : floorOf(main);
    let count = 0;
    for (const { event } of queue.records) {
      const old = event.recordedAtMs < trim.beforeMs || event.offset <= queue.head - trim.queueEventsMax;
      if (!old || event.offset > floor) break;
      count += 1;
    }
    queue.records.splice(0, count);
    queue.firstKept += count;
    dropped += count;
  }
  return dropped;
}
