/** Where hub and outbox stand to each other. Pure: what to do about it is the sender's. */
import type { Lane } from "./ledger.ts";

export type LostLane = { queue: string; hubHas: number; confirmedTo: number };
export type Standing =
  /** What the hub has beyond `confirmedTo` are duplicates: their answers were lost. */
  | { kind: "same" }
  /** The hub is ahead of all that this outbox ever sent: the outbox is an old copy. */
  | { kind: "old-copy"; queue: string; hubHas: number; triedTo: number }
  /** The hub was restored from a backup: what it confirmed beyond `hubHas` is gone there. */
  | { kind: "lost"; lanes: LostLane[] };

/** `triedTo`: the highest number that this outbox may have sent before the hub was asked. */
export type Asked = { lane: Pick<Lane, "queue" | "confirmedTo">; triedTo: number; hubHas: number };

export function standingOf(asked: readonly Asked[], isOtherStorage: boolean): Standing {
  const ahead = asked.find(({ triedTo, hubHas }) => hubHas > triedTo);
  if (ahead !== undefined) return { kind: "old-copy", queue: ahead.lane.queue, hubHas: ahead.hubHas, triedTo: ahead.triedTo };
  const behind = asked.filter(({ lane, hubHas }) => hubHas < lane.confirmedTo);
  if (behind.length === 0 && !isOtherStorage) return { kind: "same" };
  return { kind: "lost", lanes: behind.map(({ lane, hubHas }) => ({ queue: lane.queue, hubHas, confirmedTo: lane.confirmedTo })) };
}
