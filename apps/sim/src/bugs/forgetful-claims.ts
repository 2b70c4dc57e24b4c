/** Stands where the hub expects its table of claims: that itself, or one that forgets a claim at each item that is not stored, or all that it guesses at each that fails. */
import { type ClaimTable, createClaimTable as create } from "@waybill/hub/src/pool/claim-table.ts";
import { plantedBug } from "./catalogue.ts";

export type { ClaimTable };

export function createClaimTable(...parts: Parameters<typeof create>): ClaimTable {
  const claims = create(...parts);
  switch (plantedBug()) {
    case "claim-forgotten-by-a-repeat":
      return forgetfulOfRepeats(claims);
    case "guess-forgotten-by-a-failure":
      return forgetfulOfGuesses(() => create(...parts));
    default:
      return claims;
  }
}

const forgetfulOfRepeats = (claims: ClaimTable): ClaimTable => ({
  ...claims,
  settled(item, outcome) {
    const left = claims.settled(item, outcome);
    if (outcome.outcome !== "stored" && outcome.outcome !== "claim-moved") claims.failed(item);
    return left;
  },
});

function forgetfulOfGuesses(make: () => ClaimTable): ClaimTable {
  let claims = make();
  return {
    load: (...asked) => claims.load(...asked),
    expected: (...asked) => claims.expected(...asked),
    isGuess: (...asked) => claims.isGuess(...asked),
    writing: (...asked) => claims.writing(...asked),
    settled: (...asked) => claims.settled(...asked),
    failed() {
      claims = make();
    },
  };
}
