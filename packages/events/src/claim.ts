/**
 * The claim: who holds a parcel's pickup. States and what leaves each:
 *
 *   none      ── ready ──► free
 *   free      ── take ──► taken       ── cancel ──► cancelled
 *   taken     ── handback ──► free    ── pickup ──► picked-up    ── cancel ──► cancelled
 *   picked-up ── cancel ──► cancelled (its holder is told)
 *   cancelled ── ready ──► free (the store asks again)
 *
 * A parcel that was never in a pool has no claim; its pickup is nobody's business but the driver's. A driver who picks up
 * what nobody has taken takes it in the same step. `ready` of a cancelled job asks again: it is free under a new epoch.
 */
import type { HubErrorCode } from "./errors.ts";

/** `epoch` counts the changes: a write names the epoch that it saw, and loses when another came first. */
export type Claim =
  | { state: "none"; epoch: 0 }
  | { state: "free"; epoch: number; store: string; zone: string; sinceMs: number }
  | { state: "taken" | "picked-up"; epoch: number; store: string; zone: string; sinceMs: number; driver: string }
  | { state: "cancelled"; epoch: number; store: string; zone: string; sinceMs: number; driver: string | null };

export const noClaim: Claim = { state: "none", epoch: 0 };

export type ClaimInput =
  | { type: "ready"; store: string; zone: string; nowMs: number }
  | { type: "take" | "handback"; driver: string; nowMs: number }
  /** `store`: of the scan. A scan for another store than the claim's is about another parcel, and leaves the claim alone. */
  | { type: "pickup"; driver: string; store?: string; nowMs: number }
  | { type: "cancel"; store: string; nowMs: number };

/** `same`: nothing to write and nothing wrong (a repeat, or a parcel without a claim). */
export type ClaimOutcome =
  | { outcome: "moved"; claim: Claim }
  | { outcome: "same" }
  | { outcome: "refused"; code: HubErrorCode; message: string };

type ClaimHeld = Exclude<Claim, { state: "none" }>;

const same: ClaimOutcome = { outcome: "same" };
const refused = (code: HubErrorCode, message: string): ClaimOutcome => ({ outcome: "refused", code, message });
const moved = (claim: Claim): ClaimOutcome => ({ outcome: "moved", claim });
const lost = (why: string, advice: string) => refused("CLAIM_LOST", `${why}; ${advice}.`);

const lookElsewhere = "it cannot become yours, look for another";

/** Who has the parcel in hand, or was told to fetch it; after a cancellation, who had it then. */
export const holderOf = (claim: Claim): string | null => ("driver" in claim ? claim.driver : null);

/** Pure. What `input` makes of the claim. Messages never name the other driver: who drives for whom is not a driver's business. */
export function claimStep(claim: Claim, input: ClaimInput): ClaimOutcome {
  switch (input.type) {
    case "ready":
      return onReady(claim, input);
    case "take":
      return onTake(claim, input);
    case "handback":
      return onHandback(claim, input);
    case "pickup":
      return onPickup(claim, input);
    case "cancel":
      return onCancel(claim, input);
  }
}

/** The same job, one epoch on. */
const stepOf = (claim: ClaimHeld, nowMs: number) => ({ epoch: claim.epoch + 1, store: claim.store, zone: claim.zone, sinceMs: nowMs });

function onReady(claim: Claim, input: Extract<ClaimInput, { type: "ready" }>): ClaimOutcome {
  const { store, zone, nowMs } = input;
  if (claim.state === "none") return moved({ state: "free", epoch: 1, store, zone, sinceMs: nowMs });
  if (claim.store !== store) return ofAnotherStore("asked for");
  if (claim.state === "cancelled") return moved({ ...stepOf(claim, nowMs), state: "free", zone });
  // A repeated ready must not put a second job into a pool.
  if (claim.zone === zone) return same;
  return refused("INVALID_EVENT", `The parcel was asked for in zone ${claim.zone} already; cancel that before asking in zone ${zone}.`);
}

function onTake(claim: Claim, { driver, nowMs }: { driver: string; nowMs: number }): ClaimOutcome {
  switch (claim.state) {
    case "none":
      return neverAsked();
    case "free":
      return moved({ ...stepOf(claim, nowMs), state: "taken", driver });
    case "taken":
      return claim.driver === driver ? same : lost("Another driver has taken this job", lookElsewhere);
    case "picked-up":
      return claim.driver === driver ? same : lost("Another driver has picked this parcel up", lookElsewhere);
    case "cancelled":
      return lost("The store has cancelled this job", lookElsewhere);
  }
}

function onHandback(claim: Claim, { driver, nowMs }: { driver: string; nowMs: number }): ClaimOutcome {
  switch (claim.state) {
    case "none":
      return neverAsked();
    case "free":
      // The answer to an earlier handback was lost on its way: nobody holds the job, as was asked.
      return same;
    case "taken":
      if (claim.driver !== driver) return lost("Another driver holds this job", "there is nothing to hand back");
      return moved({ ...stepOf(claim, nowMs), state: "free" });
    case "picked-up":
      if (claim.driver !== driver) return lost("Another driver has picked this parcel up", "there is nothing to hand back");
      return lost("After the pickup a job cannot be handed back", "bring the parcel to its customer or return it to its store");
    case "cancelled":
      return lost("The store has cancelled this job", "there is nothing to hand back");
  }
}

function onPickup(claim: Claim, input: Extract<ClaimInput, { type: "pickup" }>): ClaimOutcome {
  const { driver, store, nowMs } = input;
  if (claim.state === "none" || (store !== undefined && store !== claim.store)) return same;
  switch (claim.state) {
    case "free":
      return moved({ ...stepOf(claim, nowMs), state: "picked-up", driver });
    case "taken":
      if (claim.driver !== driver) return lost("Another driver has taken this job", "this parcel is not yours to pick up");
      return moved({ ...stepOf(claim, nowMs), state: "picked-up", driver });
    case "picked-up":
      return claim.driver === driver ? same : lost("Another driver has picked this parcel up", "look at the label of what you scanned");
    case "cancelled":
      // A late scan is a fact and is kept; the parcel's fold flags it.
      return same;
  }
}

function onCancel(claim: Claim, { store, nowMs }: { store: string; nowMs: number }): ClaimOutcome {
  if (claim.state === "none") return same;
  if (claim.store !== store) return ofAnotherStore("cancelled");
  if (claim.state === "cancelled") return same;
  return moved({ ...stepOf(claim, nowMs), state: "cancelled", driver: holderOf(claim) });
}

const neverAsked = () => refused("UNKNOWN_PARCEL", "No store has asked for a pickup of this parcel; wait for its `ready`.");
const ofAnotherStore = (verb: string) =>
  refused(
    "FORBIDDEN",
    `A parcel of this name is another store's job and can be ${verb} by that store only; parcels need names of their own.`,
  );
