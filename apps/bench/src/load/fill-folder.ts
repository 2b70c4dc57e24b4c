import { MAIN_GROUP, toJsonBytes } from "@waybill/events";
import { type AppendItem, openSqliteStorage, type Storage } from "@waybill/storage";
import { benchEvent, type Keys, sourceName, storeName, storeQueue } from "./bench-event.ts";
import { dealt } from "./dealt.ts";

const EVENTS_PER_COMMIT = 1_024;
const COMMITS_AT_ONCE = 4;
const NAMES_AT_ONCE = 10_000;

export type Filling = {
  folder: string;
  phase: string;
  events: number;
  bytes: number;
  stores: readonly number[];
  keys?: Keys;
  /** Group main is done with all of it. */
  settled?: boolean;
};

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
    await addStores(storage, stores);
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
    if (filling.settled) for (const store of stores) await settleAll(storage, store);
  } finally {
    await storage.close();
  }
}

async function addStores(storage: Storage, stores: readonly number[]): Promise<void> {
  for (let from = 0; from < stores.length; from += NAMES_AT_ONCE)
    await storage.addNames("default", "store", stores.slice(from, from + NAMES_AT_ONCE).map(storeName));
}

async function settleAll(storage: Storage, store: number): Promise<void> {
  const key = { tenant: "default", queue: storeQueue(store), group: MAIN_GROUP };
  const row = await storage.subscription(key);
  if (row === null) throw new Error(`Group ${MAIN_GROUP} of ${key.queue} is not there.`);
  const { head, progress } = row;
  const none = { put: [], remove: [] };
  const write = {
    progress: { ...progress, cursor: head, offeredTo: head, ackedTo: head },
    attempts: none,
    parked: none,
    dead: none,
  };
  await storage.commit({ nowMs: Date.now(), items: [], progress: [{ key, epoch: storage.info.epoch, write }] });
}

function itemOf({ phase, bytes, stores, keys = null }: Filling, index: number): AppendItem {
  const store = stores[index % stores.length] ?? 0;
  const seq = Math.floor(index / stores.length);
  const source = sourceName(phase, 0, store);
  const event = benchEvent(source, seq, { store, bytes, keys });
  return {
    tenant: "default",
    from: { kind: "numbered", producer: source, incarnation: 1 },
    number: seq + 1,
    home: storeQueue(store),
    id: event.id,
    type: event.type,
    parcel: event.parcel,
    body: toJsonBytes(event),
    copies: [],
  };
}
