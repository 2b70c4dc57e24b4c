import { toJsonBytes } from "@waybill/events";
import { type AppendItem, openSqliteStorage } from "@waybill/storage";
import { benchEvent, sourceName, storeName, storeQueue } from "./bench-event.ts";
import { dealt } from "./dealt.ts";

const EVENTS_PER_COMMIT = 1_024;
const COMMITS_AT_ONCE = 4;

export type Filling = { folder: string; phase: string; events: number; bytes: number; stores: readonly number[] };

/** What a consumer of these stores has to get. */
export function filledWith({ phase, events, stores }: Omit<Filling, "folder">): Record<string, number> {
  const shares = dealt(events, stores.length);
  return Object.fromEntries(stores.map((store, index) => [sourceName(phase, 0, store), shares[index] ?? 0]));
}

/** Stores events as publishes would leave them, by way of the storage itself: a folder of a million in some seconds. */
export async function fillFolder(filling: Filling): Promise<void> {
  const { folder, events, stores } = filling;
  const storage = await openSqliteStorage({ path: folder, ballastBytes: 0 });
  try {
    await storage.addNames("default", "store", stores.map(storeName));
    const underWay = new Set<Promise<void>>();
    for (let from = 0; from < events; from += EVENTS_PER_COMMIT) {
      const items = Array.from({ length: Math.min(EVENTS_PER_COMMIT, events - from) }, (_, index) => itemOf(filling, from + index));
      const commit: Promise<void> = storage.commit({ nowMs: Date.now(), items, progress: [] }).then((outcomes) => {
        if (outcomes.some(({ outcome }) => outcome !== "stored")) throw new Error("The folder could not be filled: not all was stored.");
        underWay.delete(commit);
      });
      underWay.add(commit);
      if (underWay.size >= COMMITS_AT_ONCE) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  } finally {
    await storage.close();
  }
}

function itemOf({ phase, bytes, stores }: Filling, index: number): AppendItem {
  const store = stores[index % stores.length] ?? 0;
  const seq = Math.floor(index / stores.length);
  const source = sourceName(phase, 0, store);
  const event = benchEvent(source, seq, { store, bytes });
  return {
    tenant: "default",
    from: { kind: "numbered", producer: source, incarnation: 1, number: seq + 1 },
    home: storeQueue(store),
    id: event.id,
    type: event.type,
    parcel: event.parcel,
    body: toJsonBytes(event),
    copies: [],
  };
}
