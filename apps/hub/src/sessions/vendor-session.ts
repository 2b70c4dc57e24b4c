import { type Presence, roomOf } from "@waybill/events";
import { refuseUnknown } from "../edge/wrapper.ts";
import { clientEventNames, openClientSession } from "./client-session.ts";
import type { SessionParts, SessionStart } from "./session-parts.ts";

/** A store, or several: publishes `ready`, `cancelled` and messages, and reads its queues. */
export function openVendorSession(parts: SessionParts, start: SessionStart): void {
  const { socket, identity } = start;
  const stores = identity.stores === "*" ? [] : identity.stores;
  const tell = (online: boolean) => {
    for (const id of stores)
      socket.to(roomOf(identity.tenant, "store", id)).emit("presence", { role: "vendor", id, online } satisfies Presence);
  };
  for (const store of stores) void socket.join(roomOf(identity.tenant, "store", store));
  tell(true);
  // One listener for all stores: a token may name more than Node takes for a leak.
  socket.on("disconnecting", () => tell(false));
  refuseUnknown(socket, clientEventNames);
  openClientSession(parts, start);
}
