import { type Queue, queueOf, queueParts } from "@waybill/events";

/** More stores than one publisher has; then they are made anew. */
export const HOMES_MAX = 10_000;
const homes = new Map<string, Queue>();

/** A store's queue, the same text each time: it is looked up for each event again and again, and has its hash already. */
export function homeOf(store: string): Queue {
  const known = homes.get(store);
  if (known !== undefined) return known;
  const home = queueOf("store", store);
  if (homes.size >= HOMES_MAX) homes.clear();
  homes.set(queueParts(home).id, home); // Not under `store`: that may be a piece of a text that is long, which would be kept.
  return home;
}
