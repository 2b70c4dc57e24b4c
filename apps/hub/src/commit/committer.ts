import { limits } from "@waybill/events";
import type { ProgressWrite } from "@waybill/queue";
import type { AppendItem, AppendOutcome, Storage, VoidItem } from "@waybill/storage";
import type { HubClock } from "../hub-parts.ts";
import type { Writer } from "./writer.ts";

type Item = AppendItem | VoidItem;
/** `turn`: of all that was handed over, in which order. */
type Submission = {
  turn: number;
  from: number;
  count: number;
  resolve: (outcomes: AppendOutcome[]) => void;
  reject: (error: unknown) => void;
};
type Write = { turn: number; of: Writer; commit: number; write: ProgressWrite; isAwaited: boolean };
/** `isAwaited`: somebody waits for something in it. */
type Batch = { items: Item[]; submissions: Submission[]; writes: Write[]; isAwaited: boolean };

/**
 * Storage calls under way at once. The storage makes one commit of all that it has by the time it can begin the next: what is handed over
 * while one commit is synced goes with the very next, and what waited here until then would go with the one after that.
 */
const IN_FLIGHT_MAX = 16;
/** Items of one commit; bounds what one failed sync sends back. */
const ITEMS_MAX = 8 * limits.batchEventsMax;
/** Settles ride on the next commit, or go after this time. */
const LAZY_MS = 5;

export type Committer = {
  /** Resolves after the commit, with an outcome per item, in the order of the calls. Without items: when all before it is decided. */
  append(items: readonly Item[]): Promise<AppendOutcome[]>;
  /**
   * The writer is told after the commit. `urgent`: something waits for it. It is `unwritten` also when an earlier write of the subscription could not
   * be stored.
   */
  progress(of: Writer, one: { commit: number; write: ProgressWrite; urgent: boolean }): void;
  /** Resolves when all that was handed over is committed or failed. */
  idle(): Promise<void>;
};

/**
 * Group commit. States of a batch: *filling* → *under way* (several at once) → *done*. What nobody waits for is sent with what somebody
 * does wait for, or `LAZY_MS` later: a commit of its own would stand in the way of the next event's.
 * `onStored` is called in commit order, before anybody is answered: what follows from a commit never overtakes it. `onCommitted` is
 * called behind it, once for all of a commit: for what need not be done for each item.
 *
 * A subscription's write says what changed since its write before, and stands on it: it is sent when that one is stored, or with it,
 * and ends with it when it is not. Else a key could be parked by a commit that the disk refused, and passed over by the next.
 */
export function createCommitter(parts: {
  storage: Storage;
  clock: HubClock;
  onStored: (item: Item, outcome: AppendOutcome) => void;
  onCommitted?: (items: readonly Item[], outcomes: readonly AppendOutcome[]) => void;
  onFailed: (item: Item) => void;
}): Committer {
  const { storage, clock, onStored, onCommitted, onFailed } = parts;
  let filling = emptyBatch();
  /** Names of subscriptions with a write under way. */
  const undecided = new Set<string>();
  let turns = 0;
  let underWay = 0;
  /** What is gathered goes as soon as there is room for it. */
  let isDue = false;
  let isScheduled = false;
  let lazyTimer: NodeJS.Timeout | null = null;
  let idleWaiters: (() => void)[] = [];

  const isEmpty = () => filling.submissions.length === 0 && filling.writes.length === 0;

  const send = () => {
    if (lazyTimer) clearTimeout(lazyTimer);
    lazyTimer = null;
    isDue = false;
    const batch = takeBatch();
    if (batch.submissions.length === 0 && batch.writes.length === 0) return;
    underWay += 1;
    const { epoch } = storage.info;
    const progress = batch.writes.map(({ of, write }) => ({ key: of.key, epoch, write }));
    storage.commit({ nowMs: clock.nowMs(), items: batch.items, progress }).then(
      (outcomes) => finish(batch, outcomes),
      (error: unknown) => fail(batch, error),
    );
  };

  /** All that was gathered, but for the writes that have to wait for one under way, and who waits for all before him, when they are among it. */
  const takeBatch = (): Batch => {
    const batch = filling;
    filling = emptyBatch();
    const [first, ...others] = undecided.size > 0 ? batch.writes.filter(({ of }) => undecided.has(of.name)) : [];
    if (first !== undefined) {
      const mustWait = ({ turn, count }: Submission) => count === 0 && turn > first.turn;
      const submissions = batch.submissions.filter(mustWait);
      const writes = [first, ...others];
      filling = { items: [], submissions, writes, isAwaited: submissions.length > 0 || writes.some((write) => write.isAwaited) };
      batch.submissions = batch.submissions.filter((submission) => !mustWait(submission));
      batch.writes = batch.writes.filter(({ of }) => !undecided.has(of.name));
    }
    for (const { of } of batch.writes) undecided.add(of.name);
    return batch;
  };

  const fail = (batch: Batch, error: unknown) => {
    const failed = new Set(batch.writes.map(({ of }) => of.name));
    const behind = filling.writes.filter(({ of }) => failed.has(of.name));
    if (behind.length > 0) filling.writes = filling.writes.filter(({ of }) => !failed.has(of.name));
    for (const item of batch.items) onFailed(item);
    for (const submission of batch.submissions) submission.reject(error);
    for (const { of, commit } of [...batch.writes, ...behind]) of.unwritten(commit, error);
    done(batch);
  };

  const finish = (batch: Batch, outcomes: AppendOutcome[]) => {
    let index = 0;
    for (const item of batch.items) {
      const outcome = outcomes[index++];
      if (!outcome) throw new Error(`the storage answered ${outcomes.length} outcomes to ${batch.items.length} items`);
      onStored(item, outcome);
    }
    if (index > 0) onCommitted?.(batch.items, outcomes);
    for (const { from, count, resolve } of batch.submissions) resolve(outcomes.slice(from, from + count));
    for (const { of, commit } of batch.writes) of.written(commit);
    done(batch);
  };

  const done = ({ writes }: Batch) => {
    underWay -= 1;
    for (const { of } of writes) undecided.delete(of.name);
    if (isDue || filling.isAwaited || idleWaiters.length > 0) sendSoon();
    else if (!isEmpty()) sendLater();
    if (underWay === 0 && isEmpty()) {
      for (const wake of idleWaiters) wake();
      idleWaiters = [];
    }
  };

  /** Gathers all that arrives in this turn of the loop. */
  const sendSoon = () => {
    isDue = true;
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      pump();
    });
  };

  const sendLater = () => {
    lazyTimer ??= setTimeout(() => {
      lazyTimer = null;
      isDue = true;
      pump();
    }, LAZY_MS);
  };

  const pump = () => {
    // Left standing without anything to send, it would keep what comes from waiting for company.
    if (isEmpty()) isDue = false;
    else if (isDue && underWay < IN_FLIGHT_MAX) send();
  };

  const gathered = (isAwaited: boolean) => {
    filling.isAwaited ||= isAwaited;
    if (isAwaited || filling.items.length >= ITEMS_MAX) sendSoon();
    else if (!isDue) sendLater();
  };

  return {
    append: (items) =>
      new Promise((resolve, reject) => {
        filling.submissions.push({ turn: ++turns, from: filling.items.length, count: items.length, resolve, reject });
        for (const item of items) filling.items.push(item);
        gathered(true);
      }),
    progress(of, { commit, write, urgent }) {
      filling.writes.push({ turn: ++turns, of, commit, write, isAwaited: urgent });
      gathered(urgent);
    },
    idle: () =>
      new Promise((resolve) => {
        if (underWay === 0 && isEmpty()) return resolve();
        idleWaiters.push(resolve);
        sendSoon();
      }),
  };
}

function emptyBatch(): Batch {
  return { items: [], submissions: [], writes: [], isAwaited: false };
}
