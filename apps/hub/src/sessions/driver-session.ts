import { driverNotices, driverRequests, type Position, type Positioned, roomOf } from "@waybill/events";
import type { Handlers } from "../edge/handlers.ts";
import { Pace } from "../live/pace.ts";
import { partiesOf } from "../live/parties.ts";
import type { Place } from "../live/presence.ts";
import { clientHandlers } from "./client-handlers.ts";
import { ClientSession } from "./client-session.ts";
import { driverOf } from "./rights.ts";
import type { SessionParts, SessionStart } from "./session-parts.ts";
import { welcomeOf } from "./welcome-of.ts";

class DriverSession extends ClientSession {
  readonly #positionPace = new Pace();

  /** To the store whose parcel this driver holds, and to nobody else. */
  async showPosition(position: Position): Promise<void> {
    if (!position.parcel || !this.#positionPace.mayPass()) return;
    const { claims, audience, clock } = this.parts;
    const { tenant } = this.identity;
    const parties = await partiesOf(claims, tenant, position.parcel);
    if (parties?.driver !== driverOf(this.identity)) return;
    const shown: Positioned = { ...position, driver: parties.driver, at: position.at ?? new Date(clock.nowMs()).toISOString() };
    audience.store(tenant, parties.store)?.volatile.emit("position", shown);
  }
}

const handlers = driverHandlers();

/** A driver: publishes, reads its own queue and the pools, takes jobs, tells where it is. */
export function openDriverSession(parts: SessionParts, start: SessionStart): void {
  const { socket, identity } = start;
  const { tenant, driver } = identity;
  void socket.join(roomOf(tenant, "role", "driver"));
  const places: Place[] = driver === undefined ? [] : [{ tenant, role: "driver", id: driver }];
  handlers.serve(socket, new DriverSession(parts, start, places));
  parts.proof.connected(socket, identity);
  socket.emit("welcome", welcomeOf(parts, identity));
}

function driverHandlers(): Handlers<DriverSession> {
  const on = clientHandlers<DriverSession>();
  const { take, handback, jobs } = driverRequests;
  on.request("take", take.request, ({ parcel }, { parts, identity }) => parts.jobs.take(identity.tenant, driverOf(identity), parcel));
  on.request("handback", handback.request, ({ parcel, reason }, { parts, identity }) =>
    parts.jobs.handback(identity.tenant, driverOf(identity), parcel, reason),
  );
  on.request("jobs", jobs.request, (_request, { parts, identity }) => parts.jobs.held(identity.tenant, driverOf(identity)));
  on.notice("position", driverNotices.position, (position, session) => session.showPosition(position));
  return on;
}
