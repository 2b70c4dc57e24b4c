/**
 * What the hub says that it still owes, against what stores have not got. Policy `block`: from its stuck event on, all of a
 * parcel is owed, and nothing else is. So what is missing at a store and not owed is lost; and the hub's numbers must be
 * those of its own list, to one.
 *
 * An owed event may have been applied all the same: its effect was committed, each ack was lost, and the attempts were used up.
 * It is stuck, visible, and so are those of its parcel that were applied behind it. But in the calm after all faults acks
 * are not lost: an applied event that goes on failing then is one whose acks the hub does not take.
 */
import type { Findings } from "./findings.ts";
import { listOf } from "./list-of.ts";
import type { Publication } from "./publications.ts";

/** One event of a queue, as the auditor read it. */
export type StoredEvent = { store: string; offset: number; id: string; print: string };

/** The first unsettled event of a parcel, as an operator is shown it. Times in ms of hub time. */
export type StuckEvent = {
  store: string;
  parcel: string;
  offset: number;
  failed: number;
  interrupted: number;
  attemptsMs: readonly number[];
};

export type HubAccount = {
  /** By its metrics. */
  pending: number;
  stuck: number;
  dead: number;
  /** As operators are shown it: pending events by store, and every stuck one. */
  pendingOf: ReadonlyMap<string, number>;
  stuckEvents: readonly StuckEvent[];
  /** Nothing was broken any more from this hub time on. */
  calmFromMs: number;
};

/** Of the hub: attempts until an event is stuck. */
export type AttemptLimits = { failedMax: number; interruptedMax: number };

export type Owed = {
  /** First of their parcels, and all that wait behind them. */
  stuck: readonly Publication[];
  behind: number;
  /** Of both, those that stores have applied. */
  applied: number;
};

type Parts = {
  stored: ReadonlyMap<string, readonly StoredEvent[]>;
  byId: ReadonlyMap<string, Publication>;
  limits: AttemptLimits;
  findings: Findings;
};

/** One failure may still be of the faults' making; a second one is not. */
const CALM_FAILURES_MAX = 1;

export function judgeOwed(account: HubAccount, { stored, byId, limits, findings }: Parts): Owed {
  const owedOf = new Map<string, number>();
  const missingOf = new Map<string, Publication[]>();
  const stuckOf = new Map(account.stuckEvents.map((event) => [event.parcel, event]));
  const stuck: Publication[] = [];
  let owed = 0;
  let applied = 0;

  for (const [parcel, events] of stored) {
    const head = stuckOf.get(parcel);
    let waits: Publication | null = null;
    for (const { id, store, offset } of events) {
      const event = byId.get(id);
      if (!event) continue;
      if (head === undefined || offset < head.offset) {
        if (event.applied === 0) listOf(missingOf, store).push(event);
        continue;
      }
      owed++;
      owedOf.set(store, (owedOf.get(store) ?? 0) + 1);
      if (offset === head.offset) {
        stuck.push(event);
        judgeHead(event, head);
      }
      if (event.applied === 0) waits ??= event;
      else applied++;
      if (event.applied > 0 && waits) findings.add("I4", `${id} of ${parcel} was applied before ${waits.id}, which is not settled.`);
    }
  }

  function judgeHead({ id, applied: times }: Publication, { failed, interrupted, attemptsMs }: StuckEvent): void {
    if (failed < limits.failedMax && interrupted < limits.interruptedMax)
      findings.add("I7", `${id} is stuck after ${failed} failed and ${interrupted} interrupted attempts; more are left.`);
    const calm = attemptsMs.filter((atMs) => atMs >= account.calmFromMs).length;
    if (times > 0 && calm > CALM_FAILURES_MAX)
      findings.add("I7", `${id} was applied, and ${calm} more attempts of it ended without an answer though nothing was broken any more.`);
  }

  for (const store of new Set([...owedOf.keys(), ...missingOf.keys(), ...account.pendingOf.keys()])) {
    const sums = { owed: owedOf.get(store) ?? 0, pending: account.pendingOf.get(store) ?? 0 };
    judgeStore(store, sums, missingOf.get(store) ?? [], findings);
  }
  judgeSums(account, stuck.length, findings);
  return { stuck, behind: owed - stuck.length, applied };
}

/** What a store misses and is not behind a stuck event: still pending, and nobody goes on with it; or settled, and lost. */
function judgeStore(
  store: string,
  { owed, pending }: { owed: number; pending: number },
  missing: readonly Publication[],
  findings: Findings,
): void {
  const others = pending - owed;
  if (others < 0 || others > missing.length) {
    const misses = `The store misses ${missing.length} more`;
    findings.add("I7", `The hub says ${pending} events of store/${store} are pending; ${owed} are stuck or behind those. ${misses}.`);
  }
  const waiting = Math.max(0, Math.min(others, missing.length));
  findings.add("I8", `${waiting} events of store/${store} wait though nothing holds them up: ${names(missing)}.`, waiting);
  if (waiting > 0) {
    // Which of them wait cannot be told from outside, nor what a stale owner's word of which nobody knows came to.
    const unclear = missing.filter((event) => event.stale === "unclear").length;
    findings.add(
      "I1",
      `Of store/${store}, these are settled and were never applied, or wait: ${names(missing)}.`,
      missing.length - waiting - unclear,
    );
    return;
  }
  for (const { id, parcel, stale } of missing) {
    if (stale === "fenced") findings.add("I12", `${id} was settled by an owner whose lease had ended, and never applied.`);
    else if (stale === null) findings.add("I1", `${id} of ${parcel} is settled and was never applied.`);
  }
}

function judgeSums({ pending, stuck, dead, pendingOf, stuckEvents }: HubAccount, stuckStored: number, findings: Findings): void {
  const listed = [...pendingOf.values()].reduce((sum, count) => sum + count, 0);
  if (pending !== listed) findings.add("I7", `The hub's metrics say ${pending} events are pending, its operators' list ${listed}.`);
  if (stuck !== stuckEvents.length) findings.add("I7", `The hub's metrics say ${stuck} events are stuck; it lists ${stuckEvents.length}.`);
  if (stuckStored < stuckEvents.length)
    findings.add("I7", `The hub lists ${stuckEvents.length} stuck events; ${stuckStored} of them are stored where it says.`);
  if (dead > 0) findings.add("I7", `The hub says ${dead} dead letters; with policy block there are none.`);
}

const SAMPLE = 3;
const names = (events: readonly Publication[]): string =>
  events
    .slice(0, SAMPLE)
    .map(({ id }) => id)
    .join(", ");
