import type { SubscriptionSummary } from "@waybill/events";
import type { SubscriptionRow } from "@waybill/storage";
import type { Registry } from "../dispatch/registry.ts";

/** One subscription in numbers: of its running engine, or as it would start. */
export function summaryOf(registry: Registry, row: SubscriptionRow): SubscriptionSummary {
  const { floor, head, pending, inHand, stuckKeys, deadCount, consumers, paused } = registry.view(row);
  const { queue, group } = row.key;
  return { queue, group, policy: row.policy, paused, floor, head, pending, inHand, stuck: stuckKeys.length, dead: deadCount, consumers };
}
