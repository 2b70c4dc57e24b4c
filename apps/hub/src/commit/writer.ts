import type { SubscriptionKey } from "@waybill/storage";

/**
 * Whose progress is written: a subscription's. Told of each of its writes what became of it, by the number that it gave: a promise and functions for
 * each write were a tenth of what the hub's main thread allocates for an event that is the only one of its queue in a commit.
 */
export interface Writer {
  readonly key: SubscriptionKey;
  /** Of its subscription: tells it from all others. */
  readonly name: string;
  written(commit: number): void;
  unwritten(commit: number, error: unknown): void;
}

export const nameOf = ({ tenant, queue, group }: SubscriptionKey): string => `${tenant} ${queue} ${group}`;
