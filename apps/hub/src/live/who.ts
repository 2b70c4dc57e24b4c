import { HubError, limits, type Person, type Who, type WhoReply } from "@waybill/events";
import { mayActForStore, ownStore } from "../sessions/rights.ts";
import type { SessionParts, SessionStart } from "../sessions/session-parts.ts";
import { type Parties, partiesOf } from "./parties.ts";

/** Who is at the store that is named, or has to do with the parcel: told to those who have to do with it themselves. */
export function createWho(
  { presence, claims }: Pick<SessionParts, "presence" | "claims">,
  identity: SessionStart["identity"],
): (request: Who) => Promise<WhoReply> {
  const { tenant } = identity;

  const partiesFor = async ({ store: named, parcel }: Who): Promise<Parties> => {
    const parties = parcel === undefined ? null : await partiesOf(claims, tenant, parcel);
    if (identity.role === "driver") {
      if (parties && parties.driver === identity.driver) return parties;
      throw new HubError("FORBIDDEN", "A driver is told who is at a parcel's store while it holds the parcel's job: name such a `parcel`.");
    }
    const store = named ?? ownStore(identity) ?? parties?.store;
    if (store === undefined) throw new HubError("INVALID_MESSAGE", "This token is of several stores, or of none: name the `store`.");
    if (!mayActForStore(identity, store)) throw new HubError("FORBIDDEN", `This token is not of the store "${store}".`);
    return { store, driver: parties?.store === store ? parties.driver : null };
  };

  return async (request) => {
    const { store, driver } = await partiesFor(request);
    const people: Person[] = [
      ...(driver === null ? [] : presence.at({ tenant, role: "driver", id: driver })),
      ...presence.at({ tenant, role: "vendor", id: store }),
    ];
    return { outcome: "people", people: people.slice(0, limits.peopleMax), more: people.length > limits.peopleMax };
  };
}
