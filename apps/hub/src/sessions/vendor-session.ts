import { roomOf } from "@waybill/events";
import type { Place } from "../live/presence.ts";
import { clientHandlers } from "./client-handlers.ts";
import { ClientSession } from "./client-session.ts";
import type { SessionParts, SessionStart } from "./session-parts.ts";
import { welcomeOf } from "./welcome-of.ts";

const handlers = clientHandlers<ClientSession>();

/** A store, or several: publishes `ready`, `cancelled` and messages, and reads its queues. */
export function openVendorSession(parts: SessionParts, start: SessionStart): void {
  const { socket, identity } = start;
  const { tenant } = identity;
  const stores = identity.stores === "*" ? [] : identity.stores;
  void socket.join(roomOf(tenant, "role", "vendor"));
  const places = stores.map((id): Place => ({ tenant, role: "vendor", id }));
  handlers.serve(socket, new ClientSession(parts, start, places));
  parts.proof.connected(socket, identity);
  socket.emit("welcome", welcomeOf(parts, identity));
}
