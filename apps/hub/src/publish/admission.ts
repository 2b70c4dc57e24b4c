import { claimInputOf, claimStep, HubError, noClaim, route } from "@waybill/events";
import type { NameKind } from "@waybill/storage";
import type { Identity } from "../auth/tokens.ts";
import type { HubClock } from "../hub-parts.ts";
import type { KnownNames } from "../known-names.ts";
import type { ClaimTable } from "../pool/claim-table.ts";
import { publishRefusal } from "../sessions/rights.ts";
import type { Candidate, ClaimEvent } from "./candidate.ts";
import { checkDelay } from "./not-before.ts";

/** No claim ever comes that far. */
const NO_EPOCH = Number.MAX_SAFE_INTEGER;

/** Whether an event may be stored, and where. */
export type Admission = {
  /** Looks up, in few calls, what `admit` has to know about these events. `null`: all is remembered. */
  prepare(identity: Identity, candidates: readonly Candidate[]): Promise<void> | null;
  /**
   * Writes into the candidate where it goes, what becomes of its parcel's claim, and whether that refuses it now (it may have been stored
   * before). Can be asked again, when the claim moved. Throws what can never be stored: no right, unknown name.
   */
  admit(identity: Identity, candidate: Candidate): void;
};

export function createAdmission(parts: { names: KnownNames; claims: ClaimTable; clock: HubClock }): Admission {
  const { names, claims, clock } = parts;

  /** Calls `found` with each name of the event that nobody is known to have made known. */
  const eachUnsure = (identity: Identity, { store, onClaim }: Candidate, found: (kind: NameKind, id: string) => void): void => {
    const { tenant } = identity;
    if (!names.isCached(tenant, "store", store)) found("store", store);
    if (onClaim?.type === "ready" && !names.isCached(tenant, "zone", onClaim.data.zone)) found("zone", onClaim.data.zone);
    if (identity.role === "driver" && !names.isCached(tenant, "driver", driverName(identity))) found("driver", driverName(identity));
  };

  const refuseName = (kind: NameKind, id: string): never => {
    throw names.error(kind, id);
  };

  const decideByClaim = (identity: Identity, candidate: Candidate, event: ClaimEvent): void => {
    const { tenant, parcel } = candidate;
    const before = claims.expected(tenant, parcel);
    const isGuess = claims.isGuess(tenant, parcel);
    const input = claimInputOf(event, { driver: driverName(identity), nowMs: clock.nowMs() });
    const step = input ? claimStep(before, input) : null;
    if (step?.outcome === "refused") {
      candidate.copies = [];
      candidate.claim = { expectEpoch: NO_EPOCH, next: noClaim };
      candidate.refusal = { error: new HubError(step.code, step.message), claim: before, isGuess };
      return;
    }
    const moved = step?.outcome === "moved" ? step.claim : null;
    // What goes by a guess leaves the claim as it is, and is stored only if that is true by then.
    const next = moved ?? (isGuess ? before : null);
    if (next) claims.writing(tenant, parcel, next);
    const { copies } = route(event, { by: identity.role, claim: moved ?? before, claimMoved: moved !== null });
    candidate.copies = copies.map((queue) => ({ queue }));
    candidate.claim = next ? { expectEpoch: before.epoch, next } : undefined;
    candidate.refusal = null;
  };

  const lookUp = (identity: Identity, candidates: readonly Candidate[]): Promise<void> | null => {
    const unsure = new Map<NameKind, string[]>();
    const found = (kind: NameKind, id: string) => {
      const ids = unsure.get(kind) ?? [];
      unsure.set(kind, ids);
      ids.push(id);
    };
    const parcels: string[] = [];
    for (const candidate of candidates) {
      if (!candidate.isOfKnownNames) eachUnsure(identity, candidate, found);
      if (candidate.onClaim !== null) parcels.push(candidate.parcel);
    }
    const lookups: Promise<unknown>[] = [...unsure].map(([kind, ids]) => names.missing(identity.tenant, kind, ids));
    const loading = parcels.length > 0 ? claims.load(identity.tenant, parcels) : null;
    if (loading !== null) lookups.push(loading);
    return lookups.length === 0 ? null : Promise.all(lookups).then(() => {});
  };

  return {
    prepare(identity, candidates) {
      let isRemembered = true;
      const isPublisherKnown = identity.role !== "driver" || names.isCached(identity.tenant, "driver", driverName(identity));
      const { store: stores, zone: zones } = names.of(identity.tenant);
      for (const candidate of candidates) {
        const { store, onClaim } = candidate;
        candidate.isOfKnownNames = isPublisherKnown && stores.has(store) && (onClaim?.type !== "ready" || zones.has(onClaim.data.zone));
        if (onClaim !== null || !candidate.isOfKnownNames) isRemembered = false;
      }
      return isRemembered ? null : lookUp(identity, candidates);
    },

    admit(identity, candidate) {
      const refusal = publishRefusal(identity, candidate);
      if (refusal) throw refusal;
      if (candidate.notBefore !== undefined) checkDelay(candidate, clock.nowMs());
      if (!candidate.isOfKnownNames) eachUnsure(identity, candidate, refuseName);
      if (candidate.onClaim !== null) decideByClaim(identity, candidate, candidate.onClaim);
    },
  };
}

const driverName = (identity: Identity): string => (identity.role === "driver" ? (identity.driver ?? "") : "");
