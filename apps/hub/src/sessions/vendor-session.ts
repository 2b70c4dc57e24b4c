import { type Presence, roomOf } from "@waybill/events";
import { refuseUnknown } from "../edge/wrapper.ts";
import { clientEventNames, openClientSession } from "./client-session.ts";
import type { SessionParts, SessionStart } from "./session-parts.ts";

/** A store, or several: publishes `ready`, `cancelled` and messages, and reads its queues. */
export function openVendorSession(parts: SessionParts, start: SessionStart): void {
  const { socket, identity } = start;
  const stores = identity.stores === "*" ? [] : identity.stores;
  for (const store of stores) {
    const room = roomOf(identity.tenant, "store", store);
    const tell = (online: boolean) => socket.to(room).emit("presence", { role: "vendor", id: store, online } satisfies Presence);
    void socket.join(room);
    tell(true);
    socket.on("disconnecting", () => tell(false));
  }
  refuseUnknown(socket, clientEventNames);
  openClientSession(parts, start);
}
