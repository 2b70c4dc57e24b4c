import { type Addressees, DEFAULT_TENANT, namespaces, ownNamespaceOf, type Role, type RoomKind, roomOf } from "@waybill/events";
import type { BroadcastOperator, DefaultEventsMap, Namespace, Server } from "socket.io";

export type Listeners = BroadcastOperator<DefaultEventsMap, unknown>;

/** Whom the hub may speak to at once, wherever it stands: each a room that sockets are put into by the hub alone, from their tokens and what they read. `null`: nobody can be there. */
export type Audience = {
  /** Those who speak for the store. */
  store(tenant: string, store: string): Listeners | null;
  /** The connections of a driver. */
  driver(tenant: string, driver: string): Listeners | null;
  operators(tenant: string): Listeners | null;
  /** One connection, by its id. */
  socket(tenant: string, role: Role, socket: string): Listeners | null;
  /** Those whom an operator means. */
  addressees(tenant: string, to: Addressees): Listeners[];
};

/** `hasOwn`: tenants have namespaces of their own. */
export function createAudience(io: Server, hasOwn: boolean): Audience {
  /** `null`: a tenant's own, and nobody is in it. Asking Socket.IO for one by its name would make it, without a guard. */
  const namespaceOf = (tenant: string, role: Role): Namespace | null => {
    const name = hasOwn && tenant !== DEFAULT_TENANT ? ownNamespaceOf(tenant, role) : namespaces[role];
    return io._nsps.get(name) ?? null;
  };
  const room = (role: Role, tenant: string, kind: RoomKind, id: string) => namespaceOf(tenant, role)?.to(roomOf(tenant, kind, id)) ?? null;
  return {
    store: (tenant, store) => room("vendor", tenant, "store", store),
    driver: (tenant, driver) => room("driver", tenant, "driver", driver),
    operators: (tenant) => room("admin", tenant, "role", "admin"),
    socket: (tenant, role, socket) => namespaceOf(tenant, role)?.to(socket) ?? null,
    addressees(tenant, { drivers, vendors, thisNode = false }) {
      const some = (
        role: "driver" | "vendor",
        kind: "zone" | "store",
        ids: readonly string[] | undefined,
        except: readonly string[] = [],
      ) => {
        const namespace = namespaceOf(tenant, role);
        if (!namespace) return [];
        const rooms = (names: readonly string[]) => names.map((id) => roomOf(tenant, kind, id));
        const listeners = namespace.to(ids ? rooms(ids) : roomOf(tenant, "role", role)).except(rooms(except));
        return [thisNode ? listeners.local : listeners];
      };
      return [
        ...(drivers ? some("driver", "zone", drivers.zones, drivers.except) : []),
        ...(vendors ? some("vendor", "store", vendors.stores, vendors.except) : []),
      ];
    },
  };
}
