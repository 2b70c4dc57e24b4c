import type { SubscriptionSummary } from "@waybill/client";

export const subscriptionColumns = ["subscription", "floor", "head", "pending", "hand", "stuck", "dead", "readers", "state"] as const;

/** How a subscription is written: `store/acme-widgets`, or with another group than main behind it. */
export const subscriptionName = ({ queue, group }: { queue: string; group: string }): string =>
  group === "main" ? queue : `${queue}:${group}`;

/** One line of a list of subscriptions. */
export const subscriptionRow = (summary: SubscriptionSummary) => ({
  subscription: subscriptionName(summary),
  floor: summary.floor,
  head: summary.head,
  pending: summary.pending,
  hand: summary.inHand,
  stuck: summary.stuck,
  dead: summary.dead,
  readers: summary.consumers,
  state: summary.paused ? `paused, ${summary.policy}` : summary.policy,
});
