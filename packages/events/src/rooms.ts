import { DEFAULT_TENANT } from "./names.ts";
import type { Role } from "./parcel-events.ts";

/** One namespace per audience, each with its own handlers, rooms and middleware. `/track` is public: its token is the secret. */
export const namespaces = { driver: "/driver", vendor: "/vendor", admin: "/admin", track: "/track" } as const satisfies Record<
  Role | "track",
  string
>;

/** A tenant's own namespace of a role, where the hub gives each tenant its own: `/acme/driver`. */
export const ownNamespaceOf = (tenant: string, role: Role): string => `/${tenant}${namespaces[role]}`;

/** Whose namespace it is; `null`: not one of a tenant's own. */
export function readOwnNamespace(name: string): { tenant: string; role: Role } | null {
  const [, tenant, word] = /^\/([a-z0-9][a-z0-9-]{0,31})\/(driver|vendor|admin)$/.exec(name) ?? [];
  return tenant === undefined || tenant === DEFAULT_TENANT ? null : { tenant, role: word as Role };
}

/** `role`: everybody of the tenant in that role's namespace. */
export type RoomKind = "store" | "driver" | "zone" | "parcel" | "role";

/**
 * `acme:store:1-206-flowers`. Only the hub joins rooms, from the token; they carry what may be lost: presence, positions.
 * The tenant and the kind have no colon, so no two (tenant, kind, id) share a room, and no room is a socket's id.
 */
export const roomOf = (tenant: string, kind: RoomKind, id: string): string => `${tenant}:${kind}:${id}`;
