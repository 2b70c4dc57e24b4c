import { HubError, toHubError } from "@waybill/events";
import type { Proof } from "../hub-parts.ts";

/**
 * What a publisher is told when it was the hub that failed. A data folder that does not read (a disk that fails for a moment looks the
 * same) says nothing against the event: refused for good, a client would put it aside; so it keeps it, and tries again.
 */
export function notTheEventsFault(error: unknown, proof: Proof): HubError {
  const hubError = toHubError(error);
  if (hubError.code !== "DATA_DAMAGED") return hubError;
  proof.fault("a publish could not be decided", error);
  const message = "The hub could not read its data folder; its log says why. Nothing of this was stored: keep it, and send it again later.";
  return new HubError("STORAGE_FAILED", message, { cause: error });
}
