import type { LaneConfirm, LanePart } from "@waybill/events";
import { EventEntry } from "./event-entry.ts";
import type { Entry } from "./ledger.ts";

type Run = readonly [number: number, count: number, offset: number];

/** Offset of a number by the hub's runs, which are few and ascending; `null`: in none of them. */
function offsetIn(runs: readonly Run[], number: number): number | null {
  for (const [first, count, offset] of runs) {
    if (number >= first && number < first + count) return offset === 0 ? 0 : offset + number - first;
  }
  return null;
}

/** Tells everybody who waits for these entries what became of them. */
export function settleConfirmed(entries: readonly Entry[], { queue, stored, duplicates }: LaneConfirm): void {
  for (const entry of entries) {
    const { waiter, number } = entry;
    if (waiter === null) continue;
    entry.waiter = null;
    const { id } = EventEntry.of(entry);
    const offset = offsetIn(stored, number);
    // Confirmed and in no run: it was stored so long ago that the hub does not know where.
    if (offset === null) waiter.resolve({ outcome: "duplicate", id, queue, offset: offsetIn(duplicates, number) ?? 0 });
    else waiter.resolve({ outcome: "stored", id, queue, offset });
  }
}

/**
 * As above, where all of a part was stored, one behind the other from `offset` on. What stands before that part has an answer of its own, which
 * was lost, or comes later: confirmed by this one, but not told where.
 */
export function settleStored(entries: readonly Entry[], { queue, first }: LanePart, offset: number): void {
  for (const entry of entries) {
    const { waiter, number } = entry;
    if (waiter === null) continue;
    entry.waiter = null;
    const { id } = EventEntry.of(entry);
    if (number < first) waiter.resolve({ outcome: "duplicate", id, queue, offset: 0 });
    else waiter.resolve({ outcome: "stored", id, queue, offset: offset + number - first });
  }
}
