import { groupSchema, queueSchema } from "@waybill/events";
import { UsageError } from "@waybill/options";

/** How a subscription is written: `store/acme-widgets`, or `store/acme-widgets:audit` for another group than main. */
export const subscriptionHint = "A subscription is a queue, such as store/acme-widgets; :GROUP behind it names another group than main";

/** Throws UsageError. */
export function parseSubscription(word: string): { queue: string; group?: string } {
  const [queue = "", group, ...rest] = word.split(":");
  const isGood = queueSchema.safeParse(queue).success && (group === undefined || groupSchema.safeParse(group).success) && rest.length === 0;
  if (!isGood) throw new UsageError([`${JSON.stringify(word.slice(0, 80))} is no subscription. ${subscriptionHint}.`]);
  return group === undefined ? { queue } : { queue, group };
}

export const queueHint = "A queue: store/ID, driver/ID or zone/ID";

/** Throws UsageError. */
export function parseQueue(word: string): string {
  const { data } = queueSchema.safeParse(word);
  if (data === undefined) throw new UsageError([`${JSON.stringify(word.slice(0, 80))} is no queue. Write store/ID, driver/ID or zone/ID.`]);
  return data;
}

/** Throws UsageError. */
export function parseOffset(word: string): number {
  const offset = Number(word);
  if (!Number.isSafeInteger(offset) || offset < 1)
    throw new UsageError([`${JSON.stringify(word.slice(0, 80))} is no offset: a whole number from 1.`]);
  return offset;
}
