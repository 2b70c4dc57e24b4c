import { limits, type Presence as Notice, roomOf } from "@waybill/events";
import type { SessionParts, SessionStart } from "../sessions/session-parts.ts";
import type { Place } from "./presence.ts";

/**
 * A socket comes to its places (its driver, or its stores): it joins their rooms, and all there but itself are told, and the operators,
 * as they are when it goes.
 */
export function enter({ presence, audience, clock }: SessionParts, { socket, identity }: SessionStart, places: readonly Place[]): void {
  const tell = (place: Place, sockets: number, online: boolean) => {
    const { tenant, role, id } = place;
    const at = new Date(clock.nowMs()).toISOString();
    const told: Notice = { role, id, online, subject: identity.subject, socket: socket.id, sockets, at };
    const room = roomAt(place);
    // A thousand that come back at once would be told a million things.
    if ((socket.nsp.adapter.rooms.get(room)?.size ?? 0) <= limits.presenceToldMax) socket.to(room).emit("presence", told);
    audience.operators(tenant)?.emit("presence", told);
  };
  void socket.join(places.map(roomAt));
  for (const place of places) tell(place, presence.came(place, identity.subject, socket.id, clock.nowMs()), true);
  // One listener for all places: a token may name more stores than Node takes for a leak. The rooms are left right after it.
  socket.on("disconnecting", () => {
    for (const place of places) tell(place, presence.left(place, identity.subject, socket.id, clock.nowMs()), false);
  });
}

const roomAt = ({ tenant, role, id }: Place): string => roomOf(tenant, role === "vendor" ? "store" : "driver", id);
