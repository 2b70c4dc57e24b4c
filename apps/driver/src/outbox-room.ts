import { setTimeout as delay } from "node:timers/promises";
import type { Publisher } from "@waybill/client";
import { HubError, limits } from "@waybill/events";

/**
 * Waits until the outbox takes more. Publishing into a full one would refuse this event and, a moment later, take
 * the next: their order would break. Throws CANCELLED when the signal fires first.
 */
export async function outboxRoom(
  publisher: Pick<Publisher, "outbox">,
  signal: AbortSignal,
  eventsMax: number = limits.outboxEventsMax,
): Promise<void> {
  while (publisher.outbox.pending >= eventsMax) {
    if (signal.aborted) throw new HubError("CANCELLED", "Stopped while the outbox was full; the rest of the input was not read.");
    await delay(100, undefined, { signal }).catch(() => undefined);
  }
}
