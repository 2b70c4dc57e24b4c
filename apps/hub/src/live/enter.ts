import { limits, type Presence as Notice, roomOf } from "@waybill/events";
import type { SessionParts, SessionStart } from "../sessions/session-parts.ts";
import type { Place } from "./presence.ts";

/** A socket comes to its places (its driver, or its stores): it joins their rooms, and all there but itself are told, and the operators. */
export function enter(parts: SessionParts, start: SessionStart, places: readonly Place[]): void {
  const { socket, identity } = start;
  const { presence, clock } = parts;
  const nowMs = clock.nowMs();
  void socket.join(places.map(roomAt));
  for (const place of places) {
    const sockets = presence.came(place, identity.subject, socket.id, nowMs);
    tell(parts, start, { place, sockets, online: true, nowMs });
  }
}

/** It goes, and the same are told. Its rooms are left right after it. */
export function depart(parts: SessionParts, start: SessionStart, places: readonly Place[]): void {
  const { socket, identity } = start;
  const { presence, clock } = parts;
  const nowMs = clock.nowMs();
  for (const place of places) {
    const sockets = presence.left(place, identity.subject, socket.id, nowMs);
    tell(parts, start, { place, sockets, online: false, nowMs });
  }
}

/** `nowMs`: as it is remembered, so that who asks later is told the same. */
type News = { place: Place; sockets: number; online: boolean; nowMs: number };

function tell({ audience }: SessionParts, { socket, identity }: SessionStart, { place, sockets, online, nowMs }: News): void {
  const { tenant, role, id } = place;
  const at = new Date(nowMs).toISOString();
  const told: Notice = { role, id, online, subject: identity.subject, socket: socket.id, sockets, at };
  const room = roomAt(place);
  // A thousand that come back at once would be told a million things.
  if ((socket.nsp.adapter.rooms.get(room)?.size ?? 0) <= limits.presenceToldMax) socket.to(room).emit("presence", told);
  audience.operators(tenant)?.emit("presence", told);
}

const roomAt = ({ tenant, role, id }: Place): string => roomOf(tenant, role === "vendor" ? "store" : "driver", id);
