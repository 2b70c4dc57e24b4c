import { HubError, type ParcelEvent, publishers, type Queue, queueOf, queueParts } from "@waybill/events";
import type { Identity } from "../auth/tokens.ts";

/** What a token allows. All questions of right pass here, so that one table can answer them later. */

export function mayActForStore(identity: Identity, store: string): boolean {
  return identity.role === "admin" || (identity.role === "vendor" && (identity.stores === "*" || identity.stores.includes(store)));
}

/** `null`: allowed. Drivers publish about any store's parcel; a store only about its own. */
export function publishRefusal(identity: Identity, event: Pick<ParcelEvent, "type" | "store">): HubError | null {
  const roles = publishers[event.type];
  if (identity.role !== "admin" && !roles.includes(identity.role)) {
    const who = roles.length === 0 ? "the hub alone" : roles.join(" or ");
    return new HubError("FORBIDDEN", `"${event.type}" is published by ${who}; this token's role is ${identity.role}.`);
  }
  if (identity.role === "vendor" && !mayActForStore(identity, event.store)) {
    return new HubError("FORBIDDEN", `This token is not of the store "${event.store}".`);
  }
  return null;
}

/** `null`: allowed. */
export function subscribeRefusal(identity: Identity, queue: Queue): HubError | null {
  const { kind, id } = queueParts(queue);
  const isAllowed =
    identity.role === "admin" ||
    (kind === "store" && mayActForStore(identity, id)) ||
    (kind === "driver" && identity.role === "driver" && (identity.driver === "*" || identity.driver === id)) ||
    (kind === "zone" && identity.role === "driver");
  return isAllowed ? null : new HubError("FORBIDDEN", `This token (${identity.role} ${identity.subject}) does not allow reading ${queue}.`);
}

/** The queue that is meant when none is named. */
export function ownQueue(identity: Identity): Queue | null {
  if (identity.role === "driver" && identity.driver && identity.driver !== "*") return queueOf("driver", identity.driver);
  const store = ownStore(identity);
  return store ? queueOf("store", store) : null;
}

/** The store that is meant when none is named. */
export function ownStore(identity: Identity): string | null {
  if (identity.role !== "vendor" || identity.stores === "*" || identity.stores.length !== 1) return null;
  return identity.stores[0] ?? null;
}

/** The driver in whose name this token takes jobs. */
export function driverOf(identity: Identity): string {
  if (identity.role === "driver" && identity.driver && identity.driver !== "*") return identity.driver;
  throw new HubError("FORBIDDEN", "Jobs are taken with the token of one driver; this one names none.");
}
