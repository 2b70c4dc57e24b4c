/**
 * What the storage's threads need of the contract. They import its types only: loading its schemas costs each thread
 * 60 ms at every start. The types keep these values equal to the contract's.
 */
import type { HubErrorCode, limits, MAIN_GROUP, noClaim as noClaimOf } from "@waybill/events";

export const mainGroup: typeof MAIN_GROUP = "main";
export const laneRecentMax: (typeof limits)["laneRecentMax"] = 1_024;
export const plainRecentMax: (typeof limits)["plainRecentMax"] = 1_024;
export const groupsPerQueueMax: (typeof limits)["groupsPerQueueMax"] = 32;
export const noClaim: typeof noClaimOf = { state: "none", epoch: 0 };

/** A HubError on this side of the wall: the main thread makes one of it. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly code: HubErrorCode;
  constructor(code: HubErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const damaged = (what: string): Fault =>
  new Fault("DATA_DAMAGED", `${what} Restore the latest backup; keep the folder for inspection.`);
