import type { Claim } from "@waybill/events";
import type { ClaimTable } from "../pool/claim-table.ts";

/** The two who have to do with a parcel: the store that asked for its pickup, and the driver who holds the job. */
export type Parties = { store: string; driver: string | null };

/** `null`: no store asked for it, or it was cancelled. */
export async function partiesOf(claims: ClaimTable, tenant: string, parcel: string): Promise<Parties | null> {
  await claims.load(tenant, [parcel]);
  const claim: Claim = claims.expected(tenant, parcel);
  if (claim.state === "none" || claim.state === "cancelled") return null;
  return { store: claim.store, driver: "driver" in claim ? claim.driver : null };
}
