/** Stands where the hub expects its table of claims: that itself, or one that forgets a claim at each item that is not stored. */
import { type ClaimTable, createClaimTable as create } from "@waybill/hub/src/pool/claim-table.ts";
import { plantedBug } from "./catalogue.ts";

export type { ClaimTable };

export function createClaimTable(...parts: Parameters<typeof create>): ClaimTable {
  const claims = create(...parts);
  if (plantedBug() !== "claim-forgotten-by-a-repeat") return claims;
  return {
    ...claims,
    settled(item, outcome) {
      const left = claims.settled(item, outcome);
      if (outcome.outcome !== "stored" && outcome.outcome !== "claim-moved") claims.failed(item);
      return left;
    },
  };
}
