import { roomOf } from "@waybill/events";
import { refuseUnknown } from "../edge/wrapper.ts";
import { enter } from "../live/enter.ts";
import type { Place } from "../live/presence.ts";
import { clientEventNames, openClientSession } from "./client-session.ts";
import type { SessionParts, SessionStart } from "./session-parts.ts";

/** A store, or several: publishes `ready`, `cancelled` and messages, and reads its queues. */
export function openVendorSession(parts: SessionParts, start: SessionStart): void {
  const { socket, identity } = start;
  const stores = identity.stores === "*" ? [] : identity.stores;
  void socket.join(roomOf(identity.tenant, "role", "vendor"));
  enter(
    parts,
    start,
    stores.map((id): Place => ({ tenant: identity.tenant, role: "vendor", id })),
  );
  refuseUnknown(socket, clientEventNames);
  openClientSession(parts, start);
}
