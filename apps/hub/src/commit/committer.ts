import { limits } from "@waybill/events";
import type { ProgressWrite } from "@waybill/queue";
import type { AppendItem, AppendOutcome, Storage, SubscriptionKey, VoidItem } from "@waybill/storage";
import type { HubClock } from "../hub-parts.ts";

type Item = AppendItem | VoidItem;
type Submission = { from: number; count: number; resolve: (outcomes: AppendOutcome[]) => void; reject: (error: unknown) => void };
type Waiter = { resolve: () => void; reject: (error: unknown) => void };
type Batch = {
  items: Item[];
  submissions: Submission[];
  progress: { key: SubscriptionKey; epoch: number; write: ProgressWrite }[];
  waiters: Waiter[];
};

/** Storage calls under way at once: while one commit is synced the next fills. */
const IN_FLIGHT_MAX = 2;
/** Items of one commit; bounds what one failed sync sends back. */
const ITEMS_MAX = 8 * limits.batchEventsMax;
/** Settles ride on the next commit, or go after this time. */
const LAZY_MS = 5;

export type Committer = {
  /** Resolves after the commit, with an outcome per item, in the order of the calls. Without items: when all before it is decided. */
  append(items: readonly Item[]): Promise<AppendOutcome[]>;
  /** Resolves after the commit. `urgent`: something waits for it. */
  progress(key: SubscriptionKey, write: ProgressWrite, urgent: boolean): Promise<void>;
  /** Resolves when all that was handed over is committed or failed. */
  idle(): Promise<void>;
};

/**
 * Group commit. States of a batch: *filling* → *under way* (at most two) → *done*.
 * `onStored` is called in commit order, before anybody is answered: what follows from a commit never overtakes it.
 */
export function createCommitter(parts: {
  storage: Storage;
  clock: HubClock;
  onStored: (item: Item, outcome: AppendOutcome) => void;
  onFailed: (item: Item) => void;
}): Committer {
  const { storage, clock, onStored, onFailed } = parts;
  let filling = emptyBatch();
  let underWay = 0;
  let isDue = false;
  let lazyTimer: NodeJS.Timeout | null = null;
  let idleWaiters: (() => void)[] = [];

  const isEmpty = () => filling.submissions.length === 0 && filling.progress.length === 0;

  const send = () => {
    if (lazyTimer) clearTimeout(lazyTimer);
    lazyTimer = null;
    isDue = false;
    const batch = filling;
    filling = emptyBatch();
    underWay += 1;
    storage.commit({ nowMs: clock.nowMs(), items: batch.items, progress: batch.progress }).then(
      (outcomes) => finish(batch, outcomes),
      (error: unknown) => {
        for (const item of batch.items) onFailed(item);
        for (const submission of batch.submissions) submission.reject(error);
        for (const waiter of batch.waiters) waiter.reject(error);
        done();
      },
    );
  };

  const finish = (batch: Batch, outcomes: AppendOutcome[]) => {
    for (const [index, item] of batch.items.entries()) {
      const outcome = outcomes[index];
      if (!outcome) throw new Error(`the storage answered ${outcomes.length} outcomes to ${batch.items.length} items`);
      onStored(item, outcome);
    }
    for (const { from, count, resolve } of batch.submissions) resolve(outcomes.slice(from, from + count));
    for (const waiter of batch.waiters) waiter.resolve();
    done();
  };

  const done = () => {
    underWay -= 1;
    if (!isEmpty()) isDue = true;
    pump();
    if (underWay === 0 && isEmpty()) {
      for (const wake of idleWaiters) wake();
      idleWaiters = [];
    }
  };

  const pump = () => {
    // Left standing without anything to send, it would keep `schedule` from ever looking again.
    if (isEmpty()) isDue = false;
    else if (isDue && underWay < IN_FLIGHT_MAX) send();
  };

  const schedule = (urgent: boolean) => {
    if (urgent || filling.items.length >= ITEMS_MAX) {
      if (isDue) return;
      isDue = true;
      setImmediate(pump); // Gathers all that arrives in this turn of the loop.
    } else if (!isDue && !lazyTimer) {
      lazyTimer = setTimeout(() => {
        lazyTimer = null;
        isDue = true;
        pump();
      }, LAZY_MS);
    }
  };

  return {
    append: (items) =>
      new Promise((resolve, reject) => {
        filling.submissions.push({ from: filling.items.length, count: items.length, resolve, reject });
        for (const item of items) filling.items.push(item);
        schedule(true);
      }),
    progress: (key, write, urgent) =>
      new Promise((resolve, reject) => {
        filling.progress.push({ key, epoch: storage.info.epoch, write });
        filling.waiters.push({ resolve, reject });
        schedule(urgent);
      }),
    idle: () =>
      new Promise((resolve) => {
        if (underWay === 0 && isEmpty()) return resolve();
        idleWaiters.push(resolve);
        schedule(true);
      }),
  };
}

function emptyBatch(): Batch {
  return { items: [], submissions: [], progress: [], waiters: [] };
}
