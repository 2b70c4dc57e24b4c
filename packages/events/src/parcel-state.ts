/**
 * A parcel's state: a fold over its home queue. Statuses, and the events that move a parcel out of each:
 *
 *   created         any event: the queue's history may have been trimmed, and not every store asks for pickups here
 *   ready           claimed, any driver's scan, cancelled
 *   claimed         released (ready again), any driver's scan, cancelled
 *   picked-up       any later scan, cancelled
 *   in-transit      any later scan, cancelled
 *   attempt-failed  in-transit and pickup (tried again), attempt-failed (once more), any later scan, cancelled
 *   returning       in-transit (tried again after all), delivered, returned, cancelled
 *   cancelled       ready (the store asks again), delivered, returning, returned (it was under way): flagged `reopened`
 *   delivered, returned   nothing
 *
 * The queue's order decides, not the clocks: `at` comes from phones. No event is dropped and none breaks the fold: one that
 * cannot move the parcel, or whose clock contradicts the order, is flagged with a reason. A parcel never goes *back* by a late scan.
 */
import type { EventType, ParcelEvent } from "./parcel-events.ts";

export type ParcelStatus =
  | "created"
  | "ready"
  | "claimed"
  | "picked-up"
  | "in-transit"
  | "attempt-failed"
  | "returning"
  | "delivered"
  | "returned"
  | "cancelled";

/**
 * `late`: its clock is before that of the last scan. `repeated`: its type, or what it says, was there already.
 * `impossible`: it cannot follow the status. `reopened`: it moved the parcel out of a final status.
 */
export type FlagReason = "late" | "repeated" | "impossible" | "reopened";
/** `moved`: whether the event changed the status all the same. */
export type ParcelFlag = { reason: FlagReason; moved: boolean; id: string; type: Scan; at: string };

/** Every event type but `message`, which says nothing of the parcel. */
type Scan = Exclude<EventType, "message">;

export type ParcelState = {
  status: ParcelStatus;
  /** `at` of the event that led to the status; `null` while created. */
  since: string | null;
  /** `at` of the last store's or driver's scan that moved the parcel: what `late` is measured by. The hub's own events follow another clock. */
  scannedAt: string | null;
  /** Who holds the job, or held it last. `null` when the driver took it without asking. */
  driver: string | null;
  zone: string | null;
  /** Failed attempts at the door. */
  attempts: number;
  /** The latest `flagsMax`, oldest first. */
  flags: readonly ParcelFlag[];
  /** All flags that there ever were. */
  flagged: number;
  /** Events by type, flagged ones too. */
  counts: Readonly<Record<Scan, number>>;
};

/** Flags that a state keeps; a phone gone mad must not make a state without bounds. */
export const flagsMax = 32;

const leadsTo: Record<Scan, ParcelStatus> = {
  ready: "ready",
  claimed: "claimed",
  released: "ready",
  pickup: "picked-up",
  "in-transit": "in-transit",
  delivered: "delivered",
  "attempt-failed": "attempt-failed",
  returning: "returning",
  returned: "returned",
  cancelled: "cancelled",
};

const onward = ["delivered", "attempt-failed", "returning", "returned", "cancelled"] as const;
const leaves: Record<ParcelStatus, readonly Scan[]> = {
  created: ["ready", "claimed", "released", "pickup", "in-transit", ...onward],
  ready: ["claimed", "pickup", "in-transit", ...onward],
  claimed: ["released", "pickup", "in-transit", ...onward],
  "picked-up": ["in-transit", ...onward],
  "in-transit": onward,
  "attempt-failed": ["in-transit", "pickup", ...onward],
  returning: ["in-transit", "delivered", "returned", "cancelled"],
  cancelled: ["ready", "delivered", "returning", "returned"],
  delivered: [],
  returned: [],
};

/** How far along a parcel is. A cancelled one begins anew. */
const progress: Record<ParcelStatus, number> = {
  created: 0,
  cancelled: 0,
  ready: 1,
  claimed: 2,
  "picked-up": 3,
  "in-transit": 4,
  "attempt-failed": 5,
  returning: 6,
  delivered: 7,
  returned: 7,
};

const finalStatuses: ReadonlySet<ParcelStatus> = new Set(["delivered", "returned", "cancelled"]);
/** Whether the parcel's way is at its end. */
export const isFinal = (status: ParcelStatus): boolean => finalStatuses.has(status);

/** A parcel of which no event is known. */
export const newParcel: ParcelState = {
  status: "created",
  since: null,
  scannedAt: null,
  driver: null,
  zone: null,
  attempts: 0,
  flags: [],
  flagged: 0,
  counts: {
    ready: 0,
    claimed: 0,
    released: 0,
    pickup: 0,
    "in-transit": 0,
    delivered: 0,
    "attempt-failed": 0,
    returning: 0,
    returned: 0,
    cancelled: 0,
  },
};

/** Pure. The parcel after one more event of its home queue. Never throws; a `message` returns the same object. */
export function foldParcel(state: ParcelState, event: ParcelEvent): ParcelState {
  if (event.type === "message") return state;
  const { id, type, at } = event;
  const byHub = type === "claimed" || type === "released";
  const next = leadsTo[type];
  const isLate = !byHub && state.scannedAt !== null && Date.parse(at) < Date.parse(state.scannedAt);
  const moved = leaves[state.status].includes(type) && !(isLate && progress[next] <= progress[state.status]);
  const reason = flagReason(state, type, { isLate, moved });

  const folded: ParcelState = { ...state, ...jobOf(event), counts: { ...state.counts, [type]: state.counts[type] + 1 } };
  if (moved) {
    folded.status = next;
    folded.since = at;
    if (!byHub) folded.scannedAt = at;
    if (type === "attempt-failed") folded.attempts += 1;
    // The store asks again: whoever had the job has it no longer.
    if (type === "ready") folded.driver = null;
  }
  if (reason) {
    folded.flags = [...state.flags.slice(1 - flagsMax), { reason, moved, id, type, at }];
    folded.flagged += 1;
  }
  return folded;
}

function flagReason(state: ParcelState, type: Scan, { isLate, moved }: { isLate: boolean; moved: boolean }): FlagReason | null {
  if (isLate) return "late";
  if (moved) return isFinal(state.status) ? "reopened" : null;
  return leadsTo[type] === state.status || state.counts[type] > 0 ? "repeated" : "impossible";
}

/** What an event says of the job whether or not it moves the parcel: the hub alone knows who holds it. */
function jobOf(event: ParcelEvent): { driver?: string | null; zone?: string } {
  switch (event.type) {
    case "ready":
      return { zone: event.data.zone };
    case "claimed":
      return { zone: event.data.zone, driver: event.data.driver };
    case "released":
      return { zone: event.data.zone, driver: null };
    default:
      return {};
  }
}
