/**
 * The claim: who holds a parcel's pickup. States and what leaves each:
 *
 *   none      ── ready ──► free
 *   free      ── take ──► taken       ── cancel ──► cancelled
 *   taken     ── handback ──► free    ── pickup ──► picked-up    ── cancel ──► cancelled
 *   picked-up ── cancel ──► cancelled (its holder is told)
 *   cancelled ── ready ──► free (the store asks again)
 *
 * A parcel that was never in a pool has no claim; its pickup is nobody's business but the driver's.
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
  | { type: "take" | "handback" | "pickup"; driver: string; nowMs: number }
  | { type: "cancel"; store: string; nowMs: number };

/** `same`: nothing to write and nothing wrong (a repeat, or a parcel without a claim). */
export type ClaimOutcome = { outcome: "moved"; claim: Claim } | { outcome: "same" } | { outcome: "refused"; code: HubErrorCode; message: string };
