import type { Storage, StoredEvent } from "@waybill/storage";
import type { StoredLetter } from "../dispatch/dead-letter.ts";
import type { Runner } from "../dispatch/runner.ts";

/** Parcels have no index: so far around the letter its parcel's events are looked for. */
const WITHIN = 500;
const SHOWN = 10;
const BYTES_MAX = 1_048_576;

type Neighbour = { offset: number; type: string; settled: boolean };

/** Where a dead letter stands in the order of its parcel: the events right before and after it. */
export async function neighboursOf(
  storage: Storage,
  runner: Runner,
  { offset, key: parcel }: StoredLetter,
  nowMs: number,
): Promise<{ before: Neighbour[]; after: Neighbour[]; within: number }> {
  const { tenant, queue } = runner.key;
  const from = Math.max(1, offset - WITHIN);
  const limits = { eventsMax: WITHIN, bytesMax: BYTES_MAX };
  const earlier = from < offset ? (await storage.read(tenant, queue, from, { ...limits, eventsMax: offset - from })).events : [];
  const later = (await storage.read(tenant, queue, offset + 1, limits)).events;
  const ofParcel = (events: readonly StoredEvent[]) => events.filter((event) => event.parcel === parcel && event.offset !== offset);
  return runner.ask((engine) => {
    const neighbour = ({ offset: at, type }: StoredEvent): Neighbour => {
      const { because } = engine.explain({ offset: at, key: parcel, type }, nowMs).reason;
      return { offset: at, type, settled: because === "settled" || because === "unwanted" };
    };
    return {
      before: ofParcel(earlier.filter((event) => event.offset < offset))
        .slice(-SHOWN)
        .map(neighbour),
      after: ofParcel(later).slice(0, SHOWN).map(neighbour),
      within: WITHIN,
    };
  });
}
