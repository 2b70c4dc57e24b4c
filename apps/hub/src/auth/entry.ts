import { authSchema, DEFAULT_TENANT, HubError, namespaces, ownNamespaceOf, type Role, readOwnNamespace } from "@waybill/events";
import type { Identity, Tokens } from "./tokens.ts";

/** Who may enter which namespace, shared or a tenant's own. */
const rolesOf: Record<Role, readonly Role[]> = { driver: ["driver", "admin"], vendor: ["vendor", "admin"], admin: ["admin"] };
const roles = Object.keys(rolesOf) as Role[];

/** `null`: it may. `hasOwn`: tenants have namespaces of their own, all but the default one, which has the shared ones for itself. */
export function entryRefusal(identity: Identity, name: string, hasOwn: boolean): HubError | null {
  const home = hasOwn && identity.tenant !== DEFAULT_TENANT ? identity.tenant : null;
  const open = roles.filter((role) => rolesOf[role].includes(identity.role));
  const names = open.map((role) => (home === null ? namespaces[role] : ownNamespaceOf(home, role)));
  if (names.includes(name)) return null;
  return new HubError("FORBIDDEN", `A ${identity.role}'s token does not open ${name}; connect to ${names.join(" or ")}.`);
}

/** Whether a tenant's namespace comes into being for this `auth`. Rejects when the hub cannot tell. */
export function createMayOpen(tokens: Tokens): (name: string, auth: unknown) => Promise<boolean> {
  return async (name, auth) => {
    const parsed = authSchema.safeParse(auth);
    if (!parsed.success || readOwnNamespace(name) === null) return false;
    try {
      return entryRefusal(await tokens.verify(parsed.data.token), name, true) === null;
    } catch (error) {
      if (error instanceof HubError) return false;
      throw error;
    }
  };
}
