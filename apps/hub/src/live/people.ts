import { HubError, type Person, type Who } from "@waybill/events";
import { mayActForStore, ownStore } from "../sessions/rights.ts";
import type { SessionParts, SessionStart } from "../sessions/session-parts.ts";
import { type Parties, partiesOf } from "./parties.ts";

export type People = {
  /** The store, and the driver who holds the parcel: for those who have to do with them themselves. Throws FORBIDDEN and INVALID_MESSAGE. */
  parties(about: Who): Promise<Parties>;
  at(parties: Parties): Person[];
};

/** Whom a token may see, and speak to. */
export function createPeople({ presence, claims }: Pick<SessionParts, "presence" | "claims">, identity: SessionStart["identity"]): People {
  const { tenant } = identity;
  return {
    async parties({ store: named, parcel }) {
      const parties = parcel === undefined ? null : await partiesOf(claims, tenant, parcel);
      if (identity.role === "driver") {
        if (parties && parties.driver === identity.driver) return parties;
        throw new HubError("FORBIDDEN", "A driver has to do with a parcel's store while it holds the parcel's job: name such a `parcel`.");
      }
      const store = named ?? ownStore(identity) ?? parties?.store;
      if (store === undefined) throw new HubError("INVALID_MESSAGE", "This token is of several stores, or of none: name the `store`.");
      if (!mayActForStore(identity, store)) throw new HubError("FORBIDDEN", `This token is not of the store "${store}".`);
      return { store, driver: parties?.store === store ? parties.driver : null };
    },
    at: ({ store, driver }) => [
      ...(driver === null ? [] : presence.at({ tenant, role: "driver", id: driver })),
      ...presence.at({ tenant, role: "vendor", id: store }),
    ],
  };
}
