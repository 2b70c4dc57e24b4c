import { HubError, MAIN_GROUP, type Queue, type Receipt, type ReceiptState } from "@waybill/events";
import type { OffsetRange } from "@waybill/queue";
import type { Storage, StoredEvent, SubscriptionKey, SubscriptionRow } from "@waybill/storage";

/** Events that somebody asks about, read once: who published them, and what their state depends on. */
export type Looked = {
  readonly key: SubscriptionKey;
  readonly offsets: readonly number[];
  /** Those that were not trimmed. */
  readonly events: ReadonlyMap<number, StoredEvent>;
};

/** Throws UNKNOWN_EVENT for offsets that nobody has published. */
export async function lookAt(storage: Storage, tenant: string, queue: Queue, offsets: readonly number[]): Promise<Looked> {
  const key = { tenant, queue, group: MAIN_GROUP };
  const sorted = [...new Set(offsets)].sort((a, b) => a - b);
  const last = sorted.at(-1) ?? 0;
  const [{ head }, events] = await Promise.all([
    storage.read(tenant, queue, last, { eventsMax: 0, bytesMax: 0 }),
    storage.readOffsets(tenant, queue, sorted),
  ]);
  if (last > head) throw new HubError("UNKNOWN_EVENT", `${queue} has no event at offset ${last}: it ends at ${head}.`);
  return { key, offsets, events: new Map(events.map((event) => [event.offset, event])) };
}

/** What the storage says of them: nothing is told that a crash could take back. */
export async function statesOf(storage: Storage, { key, offsets, events }: Looked): Promise<Receipt[]> {
  const row = await storage.subscription(key);
  if (row === null) return offsets.map((offset) => ({ offset, state: "pending" }));
  const open = openOf(row);
  const left = offsets.filter((offset) => open.state(offset, events.get(offset)) === null);
  const dead = row.deadCount > 0 ? await deadAmong(storage, key, left) : new Set<number>();
  const closed = (offset: number): ReceiptState => (dead.has(offset) ? "dead" : events.has(offset) ? "settled" : "trimmed");
  return offsets.map((offset) => ({ offset, state: open.state(offset, events.get(offset)) ?? closed(offset) }));
}

/** `null`: it is not open any more. */
function openOf({ progress, attempts, parked, types }: SubscriptionRow) {
  const stuck = new Set(attempts.filter((row) => row.stuck && row.redrive === 0).map(({ offset }) => offset));
  const firstParked = new Map(parked.map(({ key, first }) => [key, first]));
  const isOpen = (offset: number, parcel: string): boolean => {
    if (offset > progress.cursor) return true;
    if (covers(progress.open, offset)) return true;
    // All of a key that is unsettled behind its first parked event is parked [W5].
    return offset >= (firstParked.get(parcel) ?? Number.POSITIVE_INFINITY);
  };
  return {
    state(offset: number, event: StoredEvent | undefined): "pending" | "stuck" | null {
      if (event === undefined || (types !== null && !types.includes(event.type)) || !isOpen(offset, event.parcel)) return null;
      return stuck.has(offset) ? "stuck" : "pending";
    },
  };
}

/** Whether one of the ranges, which ascend, has it. */
function covers(ranges: readonly OffsetRange[], offset: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.[1] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return (ranges[low]?.[0] ?? Number.POSITIVE_INFINITY) <= offset;
}

/** One read per dead letter among them and not per offset: each read names the next letter there is. */
async function deadAmong(storage: Storage, key: SubscriptionKey, offsets: readonly number[]): Promise<Set<number>> {
  const dead = new Set<number>();
  let nextLetter = 0;
  for (const offset of [...offsets].sort((a, b) => a - b)) {
    if (offset > nextLetter) {
      const [letter] = (await storage.deadLetters(key, offset - 1, 1)).rows;
      if (letter === undefined) break;
      nextLetter = letter.offset;
    }
    if (offset === nextLetter) dead.add(offset);
  }
  return dead;
}
