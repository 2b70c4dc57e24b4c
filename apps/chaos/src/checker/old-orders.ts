/**
 * The judge of the old parcel service: each order that was answered is in the end told to its store, first in-transit, then
 * delivered. Knows what the old clients wrote of themselves, what the store's own program read in group `main`, and what the hub says that it
 * still owes group `caps`. Linear in all of it.
 */
import { type OldRecord, type OldWord, oldWords } from "../workers/old-records.ts";
import type { Findings } from "./findings.ts";

/** One event of the old store's queue. */
export type OldEvent = { offset: number; id: string; type: string; parcel: string };

export type OldHistories = {
  records: Iterable<OldRecord>;
  stored: Iterable<OldEvent>;
  /** Of group `caps`. */
  owed: { pending: number; stuck: number };
};

type Order = { isOrdered: boolean; stored: Set<string>; applied: Map<OldWord, string> };

/** Orders that were answered, and those of them that their store knows to be delivered. */
export type OldOrders = { ordered: number; delivered: number };

export function judgeOldOrders({ records, stored, owed }: OldHistories, findings: Findings): OldOrders {
  const orders = new Map<string, Order>();
  const offsetOf = new Map<string, number>();

  function apply(orderId: string, word: OldWord, messageId: string): void {
    const applied = orders.get(orderId)?.applied;
    const first = applied?.get(word);
    if (!applied) findings.add("I2", `The old store was sent ${word} of ${orderId}, which it never ordered.`);
    else if (first !== undefined) findings.add("I3", `The old store was sent ${word} of ${orderId} as ${first}, and as ${messageId}.`);
    else if (word === "delivered" && !applied.has("in-transit"))
      findings.add("I4", `The old store was sent delivered of ${orderId} before in-transit.`);
    applied?.set(word, messageId);
  }

  for (const record of records) {
    if (record.old === "order") orders.set(record.orderId, { isOrdered: false, stored: new Set(), applied: new Map() });
    if (record.old === "applied") apply(record.orderId, record.word, record.messageId);
    const order = orders.get(record.orderId);
    if (record.old === "ordered" && order) order.isOrdered = true;
  }
  for (const { offset, id, type, parcel } of stored) {
    const order = orders.get(parcel);
    if (!order) findings.add("I2", `The old store's queue holds ${id} at ${offset}; nobody ordered ${parcel}.`);
    order?.stored.add(type);
    const other = offsetOf.get(id);
    if (other !== undefined) findings.add("I6", `${id} of the old store is stored at ${other} and at ${offset}.`);
    offsetOf.set(id, offset);
  }

  let missing = 0;
  for (const [orderId, order] of orders) {
    if (order.isOrdered && !order.stored.has("ready"))
      findings.add("I1", `The order ${orderId} of an old store was confirmed and is gone.`);
    for (const word of oldWords) {
      const isApplied = order.applied.has(word);
      if (order.stored.has(word)) missing += isApplied ? 0 : 1;
      else if (isApplied) findings.add("I1", `${word} of ${orderId} was delivered to an old store and is gone.`);
      else if (order.isOrdered) findings.add("I1", `${orderId} was ordered, and no driver was sent for it, or its ${word} is gone.`);
    }
  }
  findings.add("I1", "Words of drivers are settled in group caps and were never sent to the old store.", missing - owed.pending);
  if (owed.stuck === 0) findings.add("I8", "Words of drivers wait in group caps though nothing holds them up.", owed.pending);

  const ordered = [...orders.values()].filter(({ isOrdered }) => isOrdered);
  return { ordered: ordered.length, delivered: ordered.filter(({ applied }) => applied.has("delivered")).length };
}
