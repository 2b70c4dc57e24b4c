import { limits, PROTOCOL_VERSION, type Welcome } from "@waybill/events";
import type { SessionParts, SessionStart } from "./session-parts.ts";

/** The first thing that each socket hears. */
export function welcomeOf({ storage, clock }: SessionParts, identity: SessionStart["identity"]): Welcome {
  const { eventBytesMax, frameBytesMax, batchEventsMax, publishesInFlightMax, creditEventsMax, creditBytesMax } = limits;
  return {
    protocol: PROTOCOL_VERSION,
    storageId: storage.info.storageId,
    epoch: storage.info.epoch,
    hubTime: clock.nowMs(),
    you: {
      role: identity.role,
      tenant: identity.tenant,
      subject: identity.subject,
      ...(identity.driver ? { driver: identity.driver } : {}),
      stores: identity.stores === "*" ? ["*"] : [...identity.stores],
    },
    limits: { eventBytesMax, frameBytesMax, batchEventsMax, publishesInFlightMax, creditEventsMax, creditBytesMax },
  };
}
