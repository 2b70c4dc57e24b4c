import { namespaces, roomOf } from "@waybill/events";
import type { BroadcastOperator, DefaultEventsMap, Server } from "socket.io";

export type Listeners = BroadcastOperator<DefaultEventsMap, unknown>;

/** Whom the hub may speak to at once, wherever it stands: each a room that sockets are put into by the hub alone, from their tokens. */
export type Audience = {
  /** Those who speak for the store. */
  store(tenant: string, store: string): Listeners;
  operators(tenant: string): Listeners;
};

export function createAudience(io: Server): Audience {
  return {
    store: (tenant, store) => io.of(namespaces.vendor).to(roomOf(tenant, "store", store)),
    operators: (tenant) => io.of(namespaces.admin).to(roomOf(tenant, "role", "admin")),
  };
}
