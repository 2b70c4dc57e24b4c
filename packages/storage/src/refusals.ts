/** What both storages refuse in the same words. */
import { HubError, limits, MAIN_GROUP } from "@waybill/events";
import type { SubscriptionKey } from "./port.ts";

export const tooManyGroups = ({ queue }: SubscriptionKey): HubError =>
  new HubError(
    "TOO_MANY_GROUPS",
    `${queue} has ${limits.groupsPerQueueMax} groups, as many as it may; delete one that nobody reads any more.`,
  );

export const unknownGroup = ({ queue, group }: SubscriptionKey): HubError =>
  new HubError("UNKNOWN_GROUP", `${queue} has no group "${group}".`);

/** Nobody asks for it by the contract. */
export function refuseMain({ queue, group }: SubscriptionKey): void {
  if (group === MAIN_GROUP) throw new HubError("INTERNAL", `Group ${MAIN_GROUP} of ${queue} belongs to the queue and is never deleted.`);
}
