import type { ClientRecord } from "../workers/records.ts";
import type { Findings } from "./findings.ts";

/** All that is known of one published event. */
export type Publication = {
  id: string;
  producer: string;
  parcel: string;
  store: string;
  n: number;
  print: string;
  isKept: boolean;
  /** It is in the outbox's file at the end. */
  isHeld: boolean;
  isConfirmed: boolean;
  /** As it was told with the answer; 0: not told. */
  offset: number;
  refusedWith: string | null;
  /** What a stale owner's ack came to: certainly nothing, or nobody can tell. */
  stale: "fenced" | "unclear" | null;
  /** Times that a store applied it. */
  applied: number;
  /** Where the hub keeps it, by the audit; 0: nowhere. */
  storedAt: number;
};

/** What publishers wrote of themselves. Linear in the lines. */
export function createPublications(findings: Findings) {
  const byId = new Map<string, Publication>();
  const proved = new Map<string, number>();

  function of(id: string): Publication {
    const found = byId.get(id);
    if (!found) throw new Error(`${id} has an answer and no intent: the history is not whole, nothing can be judged.`);
    return found;
  }

  function intend({ id, producer, parcel, store, n, print }: Extract<ClientRecord, { kind: "intent" }>): void {
    const known = byId.get(id);
    if (known && known.print !== print) throw new Error(`${id} was meant as two different events: the load is not fit to be judged.`);
    if (known) return;
    const nothing = {
      isKept: false,
      isHeld: false,
      isConfirmed: false,
      offset: 0,
      refusedWith: null,
      stale: null,
      applied: 0,
      storedAt: 0,
    };
    byId.set(id, { id, producer, parcel, store, n, print, ...nothing });
  }

  function answer({ id, queue, offset }: Extract<ClientRecord, { kind: "answer" }>): void {
    const event = of(id);
    event.isConfirmed = true;
    if (queue !== `store/${event.store}`) findings.add("I6", `${id} was confirmed in ${queue}; its home is store/${event.store}.`);
    if (offset === 0 || offset === event.offset) return;
    if (event.offset !== 0) findings.add("I6", `${id} was confirmed at ${queue} ${event.offset}, and then at ${offset}.`);
    event.offset = offset;
  }

  return {
    byId,
    /** Checks of the clients' own that went well, by what they check. */
    proved,
    /** What is left in an outbox. An id that nobody meant to publish is no outbox's. */
    hold(ids: Iterable<string>): void {
      for (const id of ids) of(id).isHeld = true;
    },
    add(record: ClientRecord): void {
      switch (record.kind) {
        case "intent":
          intend(record);
          return;
        case "kept":
          for (const id of record.ids) of(id).isKept = true;
          return;
        case "answer":
          answer(record);
          return;
        case "refused":
          of(record.id).refusedWith = record.code;
          return;
        case "fenced":
        case "unclear":
          of(record.id).stale = record.kind;
          return;
        case "broken":
          findings.add(record.invariant, record.message);
          return;
        case "proved":
          proved.set(record.what, (proved.get(record.what) ?? 0) + 1);
      }
    },
  };
}
export type Publications = ReturnType<typeof createPublications>;
