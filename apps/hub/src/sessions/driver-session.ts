import { driverNotices, driverRequests, type Position, type Positioned, roomOf } from "@waybill/events";
import { handleNotice, handleRequest, refuseUnknown } from "../edge/wrapper.ts";
import { enter } from "../live/enter.ts";
import { createPace } from "../live/pace.ts";
import { partiesOf } from "../live/parties.ts";
import { clientEventNames, openClientSession } from "./client-session.ts";
import { driverOf } from "./rights.ts";
import type { SessionParts, SessionStart } from "./session-parts.ts";

const driverEventNames = [...clientEventNames, ...Object.keys(driverRequests), ...Object.keys(driverNotices)];

/** A driver: publishes, reads its own queue and the pools, takes jobs, tells where it is. */
export function openDriverSession(parts: SessionParts, start: SessionStart): void {
  const { socket, identity } = start;
  const { jobs, claims, audience, clock } = parts;
  const { tenant, driver } = identity;

  /** To the store whose parcel this driver holds, and to nobody else. */
  const mayPass = createPace();
  const showPosition = async (position: Position) => {
    if (!position.parcel || !mayPass()) return;
    const parties = await partiesOf(claims, tenant, position.parcel);
    if (parties?.driver !== driverOf(identity)) return;
    const shown: Positioned = { ...position, driver: parties.driver, at: position.at ?? new Date(clock.nowMs()).toISOString() };
    audience.store(tenant, parties.store)?.volatile.emit("position", shown);
  };

  void socket.join(roomOf(tenant, "role", "driver"));
  enter(parts, start, driver === undefined ? [] : [{ tenant, role: "driver", id: driver }]);
  handleRequest(socket, "take", driverRequests.take.request, ({ parcel }) => jobs.take(tenant, driverOf(identity), parcel));
  handleRequest(socket, "handback", driverRequests.handback.request, ({ parcel, reason }) =>
    jobs.handback(tenant, driverOf(identity), parcel, reason),
  );
  handleRequest(socket, "jobs", driverRequests.jobs.request, () => jobs.held(tenant, driverOf(identity)));
  handleNotice(socket, "position", driverNotices.position, showPosition);
  refuseUnknown(socket, driverEventNames);
  openClientSession(parts, start);
}
