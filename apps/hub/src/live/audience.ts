import { type Addressees, namespaces, type Role, roomOf } from "@waybill/events";
import type { BroadcastOperator, DefaultEventsMap, Server } from "socket.io";

export type Listeners = BroadcastOperator<DefaultEventsMap, unknown>;

/** Whom the hub may speak to at once, wherever it stands: each a room that sockets are put into by the hub alone, from their tokens and what they read. */
export type Audience = {
  /** Those who speak for the store. */
  store(tenant: string, store: string): Listeners;
  /** The connections of a driver. */
  driver(tenant: string, driver: string): Listeners;
  operators(tenant: string): Listeners;
  /** One connection, by its id. */
  socket(role: Role, socket: string): Listeners;
  /** Those whom an operator means. */
  addressees(tenant: string, to: Addressees): Listeners[];
};

export function createAudience(io: Server): Audience {
  const room = (role: Role, ...of: Parameters<typeof roomOf>) => io.of(namespaces[role]).to(roomOf(...of));
  return {
    store: (tenant, store) => room("vendor", tenant, "store", store),
    driver: (tenant, driver) => room("driver", tenant, "driver", driver),
    operators: (tenant) => room("admin", tenant, "role", "admin"),
    socket: (role, socket) => io.of(namespaces[role]).to(socket),
    addressees(tenant, { drivers, vendors, thisNode = false }) {
      const some = (
        role: "driver" | "vendor",
        kind: "zone" | "store",
        ids: readonly string[] | undefined,
        except: readonly string[] = [],
      ) => {
        const rooms = (names: readonly string[]) => names.map((id) => roomOf(tenant, kind, id));
        const all = ids ? rooms(ids) : roomOf(tenant, "role", role);
        const listeners = io.of(namespaces[role]).to(all).except(rooms(except));
        return thisNode ? listeners.local : listeners;
      };
      return [
        ...(drivers ? [some("driver", "zone", drivers.zones, drivers.except)] : []),
        ...(vendors ? [some("vendor", "store", vendors.stores, vendors.except)] : []),
      ];
    },
  };
}
