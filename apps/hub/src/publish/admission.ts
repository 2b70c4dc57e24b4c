import { claimInputOf, claimStep, HubError, noClaim, route } from "@waybill/events";
import type { AppendItem, NameKind } from "@waybill/storage";
import type { Identity } from "../auth/tokens.ts";
import type { HubClock } from "../hub-parts.ts";
import type { KnownNames } from "../known-names.ts";
import type { ClaimTable } from "../pool/claim-table.ts";
import { publishRefusal } from "../sessions/rights.ts";
import type { Candidate } from "./candidate.ts";
import { checkDelay } from "./not-before.ts";
import type { Refusal } from "./refusal.ts";

/**
 * The item to append. With a `refusal` it is a question only: a repeat of what was stored before its claim moved on is still a
 * `duplicate`; an event that is new is answered `claim-moved`, appends nothing, and is refused.
 */
export type Admitted = { item: AppendItem; refusal: Refusal | null };

/** No claim ever comes that far. */
const NO_EPOCH = Number.MAX_SAFE_INTEGER;

/** Whether an event may be stored, and where. */
export type Admission = {
  /** Looks up, in few calls, what `admit` has to know about these events. Quick when all is remembered. */
  prepare(identity: Identity, candidates: Iterable<Candidate>): Promise<void> | null;
  /** Throws what can never be stored: no right, unknown name. What its parcel's claim refuses now may have been stored before. */
  admit(identity: Identity, candidate: Candidate, by: Pick<AppendItem, "from" | "number">): Admitted;
};

export function createAdmission(parts: { names: KnownNames; claims: ClaimTable; clock: HubClock }): Admission {
  const { names, claims, clock } = parts;

  /** Calls `found` with each name of the event that nobody is known to have made known; mostly there is none. */
  const eachUnsure = (identity: Identity, { event }: Candidate, found: (kind: NameKind, id: string) => void): void => {
    const { tenant } = identity;
    if (!names.isCached(tenant, "store", event.store)) found("store", event.store);
    if (event.type === "ready" && !names.isCached(tenant, "zone", event.data.zone)) found("zone", event.data.zone);
    if (identity.role === "driver" && !names.isCached(tenant, "driver", driverName(identity))) found("driver", driverName(identity));
  };

  const refuseName = (kind: NameKind, id: string): never => {
    throw names.error(kind, id);
  };

  const touchesClaim = ({ event }: Candidate) =>
    event.type === "ready" || event.type === "pickup" || event.type === "cancelled" || event.type === "message";

  return {
    prepare(identity, candidates) {
      const unsure = new Map<NameKind, string[]>();
      const found = (kind: NameKind, id: string) => {
        const ids = unsure.get(kind) ?? [];
        unsure.set(kind, ids);
        ids.push(id);
      };
      const parcels: string[] = [];
      for (const candidate of candidates) {
        eachUnsure(identity, candidate, found);
        if (touchesClaim(candidate)) parcels.push(candidate.event.parcel);
      }
      const lookups = [...unsure].map(([kind, ids]) => names.missing(identity.tenant, kind, ids).then(() => {}));
      const loading = parcels.length > 0 ? claims.load(identity.tenant, parcels) : null;
      if (loading !== null) lookups.push(loading);
      return lookups.length === 0 ? null : Promise.all(lookups).then(() => {});
    },

    admit(identity, candidate, { from, number }) {
      const { event, home, body } = candidate;
      const refusal = publishRefusal(identity, event);
      if (refusal) throw refusal;
      checkDelay(event, clock.nowMs());
      eachUnsure(identity, candidate, refuseName);
      const before = claims.expected(identity.tenant, event.parcel);
      const input = claimInputOf(event, { driver: driverName(identity), nowMs: clock.nowMs() });
      const step = input ? claimStep(before, input) : null;
      const { id, type, parcel } = event;
      const fact = { tenant: identity.tenant, from, number, home, id, type, parcel, body };
      if (step?.outcome === "refused") {
        const item = { ...fact, copies: [], claim: { expectEpoch: NO_EPOCH, next: noClaim } };
        const isGuess = claims.isGuess(identity.tenant, event.parcel);
        return { item, refusal: { error: new HubError(step.code, step.message), claim: before, isGuess } };
      }
      const moved = step?.outcome === "moved" ? step.claim : null;
      // What goes by a guess leaves the claim as it is, and is stored only if that is true by then.
      const next = moved ?? (touchesClaim(candidate) && claims.isGuess(identity.tenant, event.parcel) ? before : null);
      if (next) claims.writing(identity.tenant, event.parcel, next);
      const { copies } = route(event, { by: identity.role, claim: moved ?? before, claimMoved: moved !== null });
      const claim = next ? { claim: { expectEpoch: before.epoch, next } } : {};
      return { item: { ...fact, copies: copies.map((queue) => ({ queue })), ...claim }, refusal: null };
    },
  };
}

const driverName = (identity: Identity): string => (identity.role === "driver" ? (identity.driver ?? "") : "");
