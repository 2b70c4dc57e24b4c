import { HubError, queueParts } from "@waybill/events";
import type { EngineInput, Entry } from "@waybill/queue";
import type { ReadLimits, Storage, StoredEvent, SubscriptionKey, SubscriptionRow } from "@waybill/storage";
import { letterAt, redrivesOf } from "./dead-letter.ts";
import { entryOf } from "./entry.ts";

/** Reads for an engine, in the form of the engine's inputs. */
export type RowReader = {
  open(key: SubscriptionKey): Promise<SubscriptionRow>;
  read(key: SubscriptionKey, from: number, max: ReadLimits): Promise<EngineInput>;
  /** [X5] Dead letters whose redrive was under way. */
  redrives(row: SubscriptionRow): Promise<EngineInput[]>;
  readParked(key: SubscriptionKey, orderKey: string, first: number): Promise<EngineInput>;
};

export function createRowReader(storage: Storage): RowReader {
  const entriesOf = async (key: SubscriptionKey, events: StoredEvent[]): Promise<Entry[]> => {
    if (queueParts(key.queue).kind !== "zone") return events.map((event) => entryOf(event, false));
    // A job is open while its parcel's claim is free and points at this place in the pool: the claim decides, not the reader.
    const claims = await storage.claims(
      key.tenant,
      events.map((event) => event.parcel),
    );
    return events.map((event, index) => {
      const stored = claims[index];
      return entryOf(event, !(stored?.claim.state === "free" && stored.poolOffset === event.offset));
    });
  };

  return {
    async open(key) {
      const row = await storage.subscription(key);
      if (!row) throw new HubError("UNKNOWN_GROUP", `${key.queue} has no group "${key.group}"; subscribe with \`from\` to make it.`);
      return row;
    },
    async read(key, from, max) {
      const { events, to, firstKept } = await storage.read(key.tenant, key.queue, from, max);
      const entries = await entriesOf(key, events);
      return { type: "loaded", from, to, entries, ...(firstKept > from ? { gapTo: firstKept - 1 } : {}) };
    },
    async redrives({ key, attempts }) {
      const rows = attempts.filter(({ redrive }) => redrive > 0);
      if (rows.length === 0) return [];
      const letters = await Promise.all(rows.map(({ offset }) => letterAt(storage, key, offset)));
      return redrivesOf(
        storage,
        key,
        letters.flatMap((letter, index) => (letter ? [{ letter, redrive: rows[index]?.redrive ?? 1 }] : [])),
      );
    },
    async readParked(key, orderKey, first) {
      const { chunk, next } = await storage.parkedChunk(key, orderKey, first);
      const offsets = chunk?.offsets ?? [];
      const events = offsets.length > 0 ? await storage.readOffsets(key.tenant, key.queue, offsets) : [];
      const found = new Set(events.map(({ offset }) => offset));
      const missing = offsets.filter((offset) => !found.has(offset));
      return { type: "loaded-parked", key: orderKey, first, entries: await entriesOf(key, events), next, missing };
    },
  };
}
