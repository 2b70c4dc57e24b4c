/**
 * One driver's part of the day. A job's way, per driver:
 *
 *   unknown  ── take: yours, or `jobs` after a restart ──► held      ── take: CLAIM_LOST ──► unknown
 *   held     ── every step published ──► done                         ── handback ──► handing
 *   handing  ── released, or no longer ours ──► unknown
 *
 * Whatever a crash cut short is taken up again from the history, the outbox and what the hub says that this driver holds.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Driver, Job, JobOffer } from "@waybill/client";
import { HubError } from "@waybill/events";
import { type Chance, type History, monotonicUs, type PublisherRecord } from "@waybill/testkit";
import { eventIdOf, isStoreStep, isTaken, type PlannedParcel } from "../plan/planned-parcel.ts";
import type { Pace } from "./pace.ts";
import { publishRecorded } from "./publish-recorded.ts";
import type { RecordedOutbox } from "./recorded-outbox.ts";
import { stepEvent } from "./step-event.ts";

export type DriverRoundOptions = {
  driver: string;
  client: Pick<Driver, "publish" | "take" | "jobs" | "handback">;
  outbox: RecordedOutbox;
  history: History;
  past: readonly PublisherRecord[];
  plan: ReadonlyMap<string, PlannedParcel>;
  pace: Pace;
  /** How often a job is handed back before its pickup, of 1; and what decides. */
  handback: { probability: number; chance: Chance };
};

export type DriverRound = {
  /** Jobs that were taken, and jobs that were handed back. */
  readonly claims: number;
  /** Goes on with what is held: at the start, and after each reconnect. */
  resume(): Promise<void>;
  offered(offer: JobOffer): Promise<void>;
  /** Goes for a job by its name, without an offer. */
  goFor(planned: PlannedParcel): Promise<void>;
};

const AGAIN_MS = 200;

export function createDriverRound(options: DriverRoundOptions): DriverRound {
  const { driver, client, outbox, history, plan, pace, handback } = options;
  /** Parcel → the claim it was taken by; also after it was handed back. */
  const seen = new Map<string, number>();
  const lost = new Set<string>();
  const carried = new Set<string>();
  const handing = new Set<string>();
  /** Parcel → the claim that was given back, until it is taken anew: an older answer may still tell of it. */
  const returned = new Map<string, number>();
  let claims = 0;
  const write = (record: PublisherRecord) => history.write(record);

  for (const record of options.past) {
    if (!("driver" in record) || record.driver !== driver) continue;
    const { kind, parcel } = record;
    if (kind === "held") {
      handing.delete(parcel);
      returned.delete(parcel);
      seen.set(parcel, record.claim);
      claims++;
    } else if (kind === "not-held") lost.add(parcel);
    else if (kind === "handback") handing.add(parcel);
    else if (kind === "handed-back") {
      handing.delete(parcel);
      returned.set(parcel, seen.get(parcel) ?? 0);
      claims++;
    }
  }
  const open = [...seen.keys()];
  /** Handbacks that the last life began. Those of this life ask until they are answered. */
  const unfinished = [...handing];

  /** False: it was ours already. (The claim may have moved on all the same: by our own pickup.) */
  function hold({ parcel, store, claim }: Job): boolean {
    const isOurs = seen.has(parcel) && !returned.has(parcel);
    if (isOurs || claim <= (returned.get(parcel) ?? 0)) return false;
    returned.delete(parcel);
    seen.set(parcel, claim);
    claims++;
    write({ kind: "held", t: monotonicUs(), driver, parcel, store, claim });
    return true;
  }

  /** What is in the outbox or confirmed is not published again. The outbox keeps the order; answers are not waited for. */
  async function carry(planned: PlannedParcel): Promise<void> {
    if (carried.has(planned.parcel)) return;
    carried.add(planned.parcel);
    for (const step of planned.steps) {
      if (isStoreStep(step.type) || outbox.known.has(eventIdOf(planned.parcel, step.type))) continue;
      await pace(step.at);
      publishRecorded(client, history, stepEvent(planned, step));
    }
  }

  async function work(job: Job): Promise<void> {
    const planned = plan.get(job.parcel);
    const isNew = hold(job);
    if (!planned || handing.has(job.parcel) || returned.has(job.parcel)) return;
    if (isNew && handback.chance.hit(handback.probability)) await giveBack(job.parcel);
    else void carry(planned);
  }

  /** Until the hub has said what became of it: a handback under way must not be overtaken by a pickup. */
  async function giveBack(parcel: string): Promise<void> {
    handing.add(parcel);
    write({ kind: "handback", t: monotonicUs(), driver, parcel });
    const settle = () => {
      handing.delete(parcel);
      returned.set(parcel, seen.get(parcel) ?? 0);
    };
    while (handing.has(parcel)) {
      try {
        await client.handback(parcel, "the van is full");
        write({ kind: "handed-back", t: monotonicUs(), driver, parcel });
        claims++;
        settle();
      } catch (error) {
        if (isFinal(error)) settle();
        else await sleep(AGAIN_MS);
      }
    }
  }

  /** True: it is known now whose job it is not. */
  async function take(parcel: string, ask: () => Promise<Job>): Promise<boolean> {
    write({ kind: "take", t: monotonicUs(), driver, parcel });
    try {
      await work(await ask());
      return true;
    } catch (error) {
      if (!isFinal(error)) return false;
      write({ kind: "not-held", t: monotonicUs(), driver, parcel, code: error.code });
      if (error.code === "UNKNOWN_PARCEL") return false;
      lost.add(parcel);
      return true;
    }
  }

  return {
    get claims() {
      return claims;
    },
    async resume() {
      await outbox.opened;
      for (const parcel of unfinished.splice(0)) await giveBack(parcel);
      for (const parcel of open.splice(0)) {
        const planned = plan.get(parcel);
        if (planned && outbox.known.has(eventIdOf(parcel, "pickup"))) void carry(planned);
      }
      for (const job of await client.jobs()) await work(job);
    },
    async offered(offer) {
      const planned = plan.get(offer.event.parcel);
      if (planned && isTaken(planned)) await take(planned.parcel, () => offer.take());
      else offer.decline();
    },
    async goFor({ parcel }) {
      while (!seen.has(parcel) && !lost.has(parcel)) if (!(await take(parcel, () => client.take(parcel)))) await sleep(AGAIN_MS);
    },
  };
}

/** The hub has decided. Anything else (no answer, no connection, closed) leaves it open. */
const isFinal = (error: unknown): error is HubError =>
  error instanceof HubError &&
  error.retry === "never" &&
  error.code !== "CLOSED" &&
  error.code !== "CANCELLED" &&
  error.code !== "LEASE_LOST";
