/**
 * What a desk has sent and not forgotten. States of a message, and what leaves each:
 *
 *   held     in the desk's hand, under a lease.         → lapsed (the lease ended), → done (its receipt came)
 *   lapsed   nobody's: it will be offered again.        → held (offered again), → done (a late receipt, while nobody has it)
 *   done     its receipt came. A repeat of that is no mistake.
 */
import type { CapsMessage } from "./message-of.ts";
import type { Receipt } from "./read-message.ts";

/** Messages that are remembered though they are not in hand: for late receipts, and repeated ones. */
const REMEMBERED_MAX = 1_024;

export type Kept = {
  readonly offset: number;
  readonly parcel: string;
  readonly store: string;
  readonly message: CapsMessage;
  token: number;
  state: "held" | "lapsed" | "done";
  /** Clients that this offer of it was sent to. */
  readonly sentTo: WeakSet<object>;
};

export type KeptMessages = {
  add(kept: Kept): void;
  at(offset: number): Kept | undefined;
  held(): Kept[];
  /** What a receipt means; `null`: nothing that was sent from here. */
  find(receipt: Receipt): Kept | null;
  /** These leases ended. */
  lapse(tokens: readonly (readonly [from: number, to: number])[]): void;
  /** The seat is another one: no token of before names anything. */
  clear(): void;
};

const rank = { held: 0, lapsed: 1, done: 2 } as const;

export function createKeptMessages(): KeptMessages {
  const messages = new Map<number, Kept>();
  const all = () => [...messages.values()];
  /** Two events may bear one id, or a parcel several: what waits longest for its receipt is meant. */
  const first = (found: Kept[]): Kept | null => found.sort((a, b) => rank[a.state] - rank[b.state])[0] ?? null;

  return {
    add(kept) {
      messages.delete(kept.offset);
      messages.set(kept.offset, kept);
      if (messages.size <= REMEMBERED_MAX) return;
      const oldest = all().find(({ state }) => state !== "held");
      if (oldest) messages.delete(oldest.offset);
    },
    at: (offset) => messages.get(offset),
    held: () => all().filter(({ state }) => state === "held"),
    find({ messageId, parcel, kind }) {
      const byId = messageId === undefined ? [] : all().filter(({ message }) => message.messageID === messageId);
      if (byId.length > 0) return first(byId);
      return first(all().filter((kept) => kept.parcel === parcel && (kind === undefined || kept.message.event === kind)));
    },
    lapse(tokens) {
      for (const kept of all())
        if (kept.state === "held" && tokens.some(([from, to]) => kept.token >= from && kept.token <= to)) kept.state = "lapsed";
    },
    clear: () => messages.clear(),
  };
}
