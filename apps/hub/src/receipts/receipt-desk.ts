/**
 * Who waits for what becomes of events. What is told is always read from storage; what comes from the engines is only the
 * hint to look again, and it comes when the commit with it is on disk. Where nobody waits, an engine pays a look at an empty map.
 */
import { limits, type Queue, type Receipt } from "@waybill/events";
import type { Entry } from "@waybill/queue";
import type { Storage, SubscriptionKey } from "@waybill/storage";
import { type Looked, lookAt, statesOf } from "./receipt-states.ts";

/** What a running engine of a group `main` tells. */
export type SettleWatch = {
  /** It has settled these, or they are buried; `afterwards` runs a task when that is on disk. */
  settled(key: SubscriptionKey, entries: readonly Entry[], afterwards: (task: () => void) => void): void;
  /** The engine was made anew: what it was told before may have landed or not. */
  renewed(key: SubscriptionKey): void;
};

export type ReceiptDesk = SettleWatch & {
  /** How many wait. */
  waiting(): number;
  look(tenant: string, queue: Queue, offsets: readonly number[]): Promise<Looked>;
  states(looked: Looked): Promise<Receipt[]>;
  /** When the first of them is settled, dead or trimmed, when the time is over, or when `over` fires. */
  wait(looked: Looked, waitMs: number, over: AbortSignal): Promise<Receipt[]>;
};

type Waiter = { readonly offsets: ReadonlySet<number>; wake: () => void };

const isFinal = ({ state }: Receipt): boolean => state !== "pending" && state !== "stuck";

export function createReceiptDesk(parts: {
  storage: Storage;
  /** Runs the task when all that the engine has settled by now is on disk; at once where none runs. */
  afterSettles: (key: SubscriptionKey, task: () => void) => void;
}): ReceiptDesk {
  const { storage, afterSettles } = parts;
  const waiting = new Map<string, Set<Waiter>>();
  const nameOf = ({ tenant, queue }: SubscriptionKey): string => `${tenant}/${queue}`;
  const waitersOf = (key: SubscriptionKey): Iterable<Waiter> => waiting.get(nameOf(key)) ?? [];

  const join = (key: SubscriptionKey, waiter: Waiter): (() => void) => {
    const name = nameOf(key);
    const waiters = waiting.get(name) ?? new Set<Waiter>();
    waiting.set(name, waiters);
    waiters.add(waiter);
    return () => {
      waiters.delete(waiter);
      if (waiters.size === 0 && waiting.get(name) === waiters) waiting.delete(name);
    };
  };

  return {
    settled(key, entries, afterwards) {
      if (waiting.size === 0 || !waiting.has(nameOf(key))) return;
      // The entries' bodies need not stay in memory until then.
      const offsets = entries.map(({ offset }) => offset);
      afterwards(() => {
        for (const waiter of waitersOf(key)) if (offsets.some((offset) => waiter.offsets.has(offset))) waiter.wake();
      });
    },
    renewed(key) {
      if (waiting.size === 0) return;
      for (const waiter of waitersOf(key)) waiter.wake();
    },
    waiting: () => [...waiting.values()].reduce((sum, { size }) => sum + size, 0),
    look: (tenant, queue, offsets) => lookAt(storage, tenant, queue, offsets),
    states: (looked) => statesOf(storage, looked),
    async wait(looked, waitMs, over) {
      const waiter: Waiter = { offsets: new Set(looked.offsets), wake: () => {} };
      const wake = () => waiter.wake();
      let isOver = over.aborted;
      const end = () => {
        isOver = true;
        wake();
      };
      const timer = setTimeout(end, Math.min(waitMs, limits.receiptWaitMsMax));
      over.addEventListener("abort", end, { once: true });
      const leave = join(looked.key, waiter);
      try {
        // Made before each read of the storage, so that no hint falls between the two.
        let hint = hinted(waiter);
        // What was settled before it joined, and is on its way to the disk, was noted for nobody.
        afterSettles(looked.key, wake);
        for (;;) {
          const isLast = isOver;
          const receipts = await statesOf(storage, looked);
          if (isLast || receipts.some(isFinal)) return receipts;
          await hint;
          hint = hinted(waiter);
        }
      } finally {
        clearTimeout(timer);
        over.removeEventListener("abort", end);
        leave();
      }
    },
  };
}

const hinted = (waiter: Waiter): Promise<void> =>
  new Promise((resolve) => {
    waiter.wake = resolve;
  });
