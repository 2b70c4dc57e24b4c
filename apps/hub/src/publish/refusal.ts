import { isDeepStrictEqual } from "node:util";
import type { Claim, HubError } from "@waybill/events";
import type { AppendOutcome } from "@waybill/storage";

/** What a parcel's claim refuses. `claim`: as it was expected to be. `isGuess`: its commit was under way. */
export type Refusal = { error: HubError; claim: Claim; isGuess: boolean };

/**
 * Whether it may be told for good. A commit that was under way can fail: what rests on the claim of that commit rests on
 * nothing then, and the event is decided again. The storage answers with the claim as it is, behind all commits before.
 */
export function isFounded({ claim, isGuess }: Refusal, outcome: AppendOutcome): boolean {
  if (outcome.outcome === "claim-moved") return isDeepStrictEqual(outcome.claim.claim, claim);
  // The queue has no room, and the storage looked no further.
  return outcome.outcome === "full" && !isGuess;
}
