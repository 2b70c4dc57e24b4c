/**
 * The independent judge. It knows what clients wrote of themselves, what stores have in their own databases, what an
 * auditor read of the hub's queues over the public wire, and what the hub says that it still owes. It imports nothing of
 * the hub, and is linear in all of it.
 *
 * Per parcel, the applied events must be the first part of the stored ones, in the stored order. What follows is stuck or stands
 * behind a stuck one (policy `block`), and the hub must say so, to the number (owed.ts).
 */
import type { Effect } from "../workers/effects.ts";
import { isClientRecord } from "../workers/records.ts";
import { createFindings, type Findings } from "./findings.ts";
import { listOf } from "./list-of.ts";
import { type AttemptLimits, type HubAccount, judgeOwed, type StoredEvent } from "./owed.ts";
import { createPublications, type Publication } from "./publications.ts";

export type Judgement = {
  published: number;
  confirmed: number;
  handled: number;
  refused: number;
  /** Stuck, and waiting behind a stuck one. */
  stuck: number;
  behind: number;
  /** Of both, those that stores have applied: their acks were lost until their attempts were used up. */
  appliedYetPending: number;
  /** Stuck though it is not poisoned: its attempts were used up by faults. Visible, so no violation. */
  stuckHealthy: number;
  proved: ReadonlyMap<string, number>;
  findings: Findings;
};

export type CheckerOptions = {
  /** Of every vendor's socket, the stores that it speaks for. */
  vendors: ReadonlyMap<string, readonly string[]>;
  limits: AttemptLimits;
};

export function createChecker({ vendors, limits }: CheckerOptions) {
  const findings = createFindings();
  const publications = createPublications(findings);
  const stored = new Map<string, StoredEvent[]>();
  const appliedBy = new Map<string, number[]>();
  const lastNumber = new Map<string, number>();
  const tries = new Map<string, number>();
  let account: HubAccount | null = null;
  let handled = 0;

  function apply(store: string, effect: Effect): void {
    const event = publications.byId.get(effect.id);
    const where = `${effect.queue} ${effect.offset}`;
    if (!event) {
      findings.add("I2", `${effect.id} was applied from ${where}; nobody published it.`);
      return;
    }
    if (event.print !== effect.print || event.parcel !== effect.parcel || event.store !== store || effect.queue !== `store/${store}`)
      findings.add("I2", `${effect.id} was applied from ${where} with other contents than it was published with.`);
    if (!vendors.get(effect.vendor)?.includes(store)) findings.add("I9", `${effect.vendor} was given ${effect.id} of ${store}.`);
    if (event.refusedWith !== null) findings.add("I11", `${effect.id} was refused (${event.refusedWith}) and applied all the same.`);
    if (effect.redrive > 0) return;
    if (event.applied++ > 0) {
      findings.add("I3", `${effect.id} was applied again, from ${where}.`);
      return;
    }
    handled++;
    judgeNumber(effect);
    listOf(appliedBy, effect.parcel).push(effect.offset);
  }

  function judgeNumber({ parcel, producer, n, id }: Effect): void {
    const lane = `${parcel} ${producer}`;
    const last = lastNumber.get(lane) ?? 0;
    if (n <= last) findings.add("I4", `${id}: ${producer}'s number ${n} of ${parcel} was applied after ${last}.`);
    lastNumber.set(lane, Math.max(n, last));
  }

  function auditOne({ store, offset, id, print }: StoredEvent): void {
    const event = publications.byId.get(id);
    const where = `store/${store} ${offset}`;
    if (!event) {
      findings.add("I2", `${where} holds ${id}; nobody published it.`);
      return;
    }
    if (event.print !== print || event.store !== store) findings.add("I2", `${where} holds ${id} with other contents.`);
    if (event.refusedWith !== null) findings.add("I11", `${id} was refused (${event.refusedWith}) and is stored at ${where}.`);
    if (event.storedAt !== 0) {
      findings.add("I6", `${id} is stored at ${event.storedAt} and at ${offset} of store/${store}.`);
      return;
    }
    if (event.offset !== 0 && event.offset !== offset)
      findings.add("I6", `${id} was confirmed at ${event.offset} of store/${store} and is stored at ${offset}.`);
    event.storedAt = offset;
    listOf(stored, event.parcel).push({ store, offset, id, print });
  }

  function judgeConfirms(highest: ReadonlyMap<string, number>): void {
    for (const event of publications.byId.values()) {
      if (event.isConfirmed && event.storedAt === 0)
        findings.add("I1", `${event.id} was confirmed and is gone (${placeOf(event, highest)}).`);
      if (event.isKept && !event.isHeld && !event.isConfirmed && event.refusedWith === null)
        findings.add("I10", `${event.id} was in the outbox of ${event.producer} and left it without an answer.`);
    }
  }

  /** Stores apply a parcel's events in the order in which they are stored. */
  function judgeOrder(): void {
    for (const [parcel, offsets] of appliedBy) {
      for (const [index, offset] of offsets.entries()) {
        const before = offsets[index - 1] ?? 0;
        if (offset < before) findings.add("I4", `${parcel}: offset ${offset} was applied after ${before}.`);
      }
    }
  }

  return {
    findings,
    async client(records: AsyncIterable<unknown> | Iterable<unknown>): Promise<void> {
      for await (const record of records) if (isClientRecord(record)) publications.add(record);
    },
    /** After all clients: what is left in their outboxes. Written = answered + left. */
    outbox: (ids: Iterable<string>): void => publications.hold(ids),
    /** After all clients. A store's own table, in the order of its commits, and how often handlers failed. */
    store(store: string, effects: Iterable<Effect>, failures: Iterable<{ id: string; count: number }>): void {
      for (const effect of effects) apply(store, effect);
      for (const { id, count } of failures) tries.set(id, count);
    },
    /** After all clients: a queue's events in their order. */
    audit(events: Iterable<StoredEvent>): void {
      for (const event of events) auditOne(event);
    },
    /** What the hub says that it still owes; `null`: it did not answer. */
    hub(says: HubAccount | null): void {
      account = says;
    },
    judge(): Judgement {
      const highest = new Map<string, number>();
      for (const { store, storedAt } of publications.byId.values()) highest.set(store, Math.max(highest.get(store) ?? 0, storedAt));
      judgeConfirms(highest);
      judgeOrder();
      if (!account) findings.add("I8", "The hub did not answer at the end.");
      const { byId } = publications;
      const owed = account ? judgeOwed(account, { stored, byId, limits, findings }) : { stuck: [], behind: 0, applied: 0 };
      const all = [...byId.values()];
      return {
        published: all.length,
        confirmed: all.filter((event) => event.isConfirmed).length,
        handled,
        refused: all.filter((event) => event.refusedWith !== null).length,
        stuck: owed.stuck.length,
        behind: owed.behind,
        appliedYetPending: owed.applied,
        stuckHealthy: owed.stuck.filter(({ id }) => (tries.get(id) ?? 0) < POISON_TRIES).length,
        proved: publications.proved,
        findings,
      };
    },
  };
}

/** Of a poisoned event its store has seen more failures than any that works in the end. */
const POISON_TRIES = 4;

/** A loss at the queue's end is a cut log, one in its middle a hole. */
function placeOf({ store, offset }: Publication, highest: ReadonlyMap<string, number>): string {
  if (offset === 0) return `store/${store}`;
  const last = highest.get(store) ?? 0;
  return `store/${store} ${offset}: ${offset > last ? "suffix" : offset === 1 ? "prefix" : "middle"}, its last one is ${last}`;
}
