import { type Claim, type ClaimInput, holderOf } from "./claim.ts";
import { type Queue, queueOf } from "./names.ts";
import type { ParcelEvent, Role } from "./parcel-events.ts";

/** What an event asks of its parcel's claim; `null`: nothing. `driver`: the publisher's, from its token. */
export function claimInputOf(event: ParcelEvent, from: { driver: string; nowMs: number }): ClaimInput | null {
  switch (event.type) {
    case "ready":
      return { type: "ready", store: event.store, zone: event.data.zone, nowMs: from.nowMs };
    case "pickup":
      return { type: "pickup", driver: from.driver, store: event.store, nowMs: from.nowMs };
    case "cancelled":
      return { type: "cancel", store: event.store, nowMs: from.nowMs };
    default:
      return null;
  }
}

export type RouteContext = {
  /** Who published; `hub` for `claimed` and `released`. */
  by: Role | "hub";
  /** As it is after the event. */
  claim: Claim;
  /** Whether the event moved it. */
  claimMoved: boolean;
};

/**
 * Pure. Where an event goes: home to its store's queue always, and copies in the same commit.
 *
 *   ready                    the zone's pool, if it made the job free (a repeat must not put a second job there)
 *   cancelled                its holder, if it was held and this event cancelled it
 *   message by the store     its holder
 *
 * A job that is handed back returns to its pool by a copy of its `ready`, not of `released`.
 */
export function route(event: ParcelEvent, { by, claim, claimMoved }: RouteContext): { home: Queue; copies: Queue[] } {
  const home = queueOf("store", event.store);
  // Parcels of two stores may bear one name: the claim is then about the other one.
  const holder = "store" in claim && claim.store === event.store ? holderOf(claim) : null;
  const toHolder = holder === null ? [] : [queueOf("driver", holder)];
  switch (event.type) {
    case "ready":
      return { home, copies: claimMoved && claim.state === "free" ? [queueOf("zone", claim.zone)] : [] };
    case "cancelled":
      return { home, copies: claimMoved ? toHolder : [] };
    case "message":
      return { home, copies: by === "vendor" ? toHolder : [] };
    default:
      return { home, copies: [] };
  }
}
