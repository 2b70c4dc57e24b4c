import { DEFAULT_TENANT, type PlainConfirm } from "@waybill/events";
import type { Identity } from "../auth/tokens.ts";
import { PlainPublisher } from "../publish/plain-publisher.ts";
import type { SessionParts } from "../sessions/session-parts.ts";
import type { CapsKind } from "./dialect.ts";
import { CAPS, eventIdOf, eventOf } from "./event-of.ts";
import type { OldOrder } from "./read-message.ts";

const tenant = DEFAULT_TENANT;

/** Whom the hub takes an old client for. By store, so that the ids it remembers of one do not push out those of another. */
export const oldDriver = (store: string): Identity => ({ ...common(store), role: "driver", driver: CAPS, stores: [] });
export const oldVendor = (store: string): Identity => ({ ...common(store), role: "vendor", stores: [store] });
const common = (store: string) => ({ tenant, subject: `${CAPS}/${store}`, expMs: Number.MAX_SAFE_INTEGER });

/**
 * Publishes for one old client, through the same admission as everybody. Who sets out with a parcel has picked it up, though old
 * drivers have no word for it: where the parcel's job waits for that, the pickup is published first.
 */
export function createPublishing(parts: SessionParts): (kind: CapsKind, order: OldOrder) => Promise<PlainConfirm> {
  const { claims } = parts;
  const publishers = new Map<string, PlainPublisher>();
  const publisher = (identity: Identity) => {
    const name = `${identity.role}:${identity.subject}`;
    const known = publishers.get(name) ?? new PlainPublisher({ ...parts, identity });
    publishers.set(name, known);
    return known;
  };

  const pickUp = async ({ parcel, store }: OldOrder) => {
    await claims.load(tenant, [parcel]);
    const claim = claims.expected(tenant, parcel);
    if ((claim.state !== "free" && claim.state !== "taken") || claim.store !== store) return;
    await publisher(oldDriver(store)).publish("pickup", { id: eventIdOf("pickup", `${claim.epoch}.${parcel}`), parcel, store });
  };

  return async (kind, order) => {
    const { type, request } = eventOf(kind, order);
    if (kind === "pickup") return publisher(oldVendor(order.store)).publish(type, request);
    await pickUp(order);
    return publisher(oldDriver(order.store)).publish(type, request);
  };
}
