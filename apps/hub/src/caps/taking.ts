import { HubError } from "@waybill/events";
import type { ClaimTable } from "../pool/claim-table.ts";
import type { Jobs } from "../pool/jobs.ts";
import { CAPS } from "./event-of.ts";
import type { Kept } from "./kept.ts";

/**
 * Takes jobs for old drivers. They share one name, so the claim alone cannot tell two of them apart: here it is known whose receipt
 * came first, and against all other drivers the claim decides.
 */
export function createTaking(parts: { tenant: string; jobs: Jobs; claims: ClaimTable }): (kept: Kept, by: object) => Promise<void> {
  const { tenant, jobs, claims } = parts;
  const underWay = new WeakMap<Kept, Promise<unknown>>();
  const takenBy = new WeakMap<Kept, object>();

  const take = async (kept: Kept, by: object) => {
    await claims.load(tenant, [kept.parcel]);
    if (claims.expected(tenant, kept.parcel).state !== "free") throw lost(kept);
    await jobs.take(tenant, CAPS, kept.parcel);
    takenBy.set(kept, by);
    kept.state = "done";
  };

  return async (kept, by) => {
    for (let other = underWay.get(kept); other; other = underWay.get(kept)) await other.catch(() => {});
    if (takenBy.get(kept) === by) return;
    if (takenBy.has(kept)) throw lost(kept);
    const taking = take(kept, by);
    underWay.set(kept, taking);
    await taking.finally(() => underWay.delete(kept));
  };
}

const lost = ({ parcel }: Kept) =>
  new HubError("CLAIM_LOST", `Another driver was first with ${parcel}, or it was cancelled; it is not yours, wait for the next pickup.`);
