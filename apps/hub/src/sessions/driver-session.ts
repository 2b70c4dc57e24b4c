import { driverNotices, driverRequests, type Position, roomOf } from "@waybill/events";
import { handleNotice, handleRequest, refuseUnknown } from "../edge/wrapper.ts";
import { clientEventNames, openClientSession } from "./client-session.ts";
import { driverOf } from "./rights.ts";
import type { SessionParts, SessionStart } from "./session-parts.ts";

const driverEventNames = [...clientEventNames, ...Object.keys(driverRequests), ...Object.keys(driverNotices)];

/** A driver: publishes, reads its own queue and the pools, takes jobs, tells where it is. */
export function openDriverSession(parts: SessionParts, start: SessionStart): void {
  const { socket, identity } = start;
  const { jobs, claims, vendors, clock } = parts;
  const { tenant } = identity;

  /** Live: to the store whose parcel this driver holds, and to nobody else. */
  const showPosition = async (position: Position) => {
    if (!position.parcel) return;
    await claims.load(tenant, [position.parcel]);
    const claim = claims.expected(tenant, position.parcel);
    const isHolder = "driver" in claim && claim.driver === driverOf(identity);
    if (!isHolder || claim.state === "cancelled") return;
    const shown = { ...position, driver: claim.driver, at: position.at ?? new Date(clock.nowMs()).toISOString() };
    vendors()
      .to(roomOf(tenant, "store", claim.store))
      .volatile.emit("position", shown);
  };

  if (identity.driver) void socket.join(roomOf(tenant, "driver", identity.driver));
  handleRequest(socket, "take", driverRequests.take.request, ({ parcel }) => jobs.take(tenant, driverOf(identity), parcel));
  handleRequest(socket, "handback", driverRequests.handback.request, ({ parcel, reason }) =>
    jobs.handback(tenant, driverOf(identity), parcel, reason),
  );
  handleRequest(socket, "jobs", driverRequests.jobs.request, () => jobs.held(tenant, driverOf(identity)));
  handleNotice(socket, "position", driverNotices.position, showPosition);
  refuseUnknown(socket, driverEventNames);
  openClientSession(parts, start);
}
