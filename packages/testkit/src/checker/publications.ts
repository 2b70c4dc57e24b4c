import type { PublisherRecord } from "./records.ts";

/** One event, as its publisher tells of it. */
export type Publication = {
  id: string;
  producer: string;
  type: string;
  parcel: string;
  store: string;
  /** Place among all first intents of its producer: the order in which it meant to publish. */
  place: number;
  intentT: number;
  /** When the hub's word was first read; null: never, so the event may or may not be there. */
  confirmedT: number | null;
  queue: string;
  /** 0: not told. */
  offset: number;
  refused: string | null;
};

/** All events that publishers tell of, by id. An intent that is repeated after a crash is the first one's event. */
export function createPublications() {
  const byId = new Map<string, Publication>();
  const places = new Map<string, number>();
  let repeats = 0;

  function intent(record: Extract<PublisherRecord, { kind: "intent" }>): void {
    const known = byId.get(record.id);
    if (known) {
      if (known.type === record.type && known.parcel === record.parcel && known.store === record.store) return;
      throw new Error(
        `Event ${record.id} was intended twice with different contents: the publisher's own program is wrong, nothing can be checked.`,
      );
    }
    const { id, producer, type, parcel, store, t } = record;
    const place = (places.get(producer) ?? 0) + 1;
    places.set(producer, place);
    byId.set(id, {
      id,
      producer,
      type,
      parcel,
      store,
      place,
      intentT: t,
      confirmedT: null,
      queue: `store/${store}`,
      offset: 0,
      refused: null,
    });
  }

  function of(id: string): Publication {
    const known = byId.get(id);
    if (!known) throw new Error(`Event ${id} has an answer and no intent: a publisher's file is incomplete, nothing can be checked.`);
    return known;
  }

  return {
    byId,
    get repeats() {
      return repeats;
    },
    /** Returns the id of an event that got a second place, if this record tells of one. */
    add(record: PublisherRecord): { moved: string } | null {
      switch (record.kind) {
        case "intent":
          intent(record);
          return null;
        case "answer": {
          const event = of(record.id);
          if (record.outcome === "duplicate") repeats++;
          event.confirmedT ??= record.t;
          const isMoved = event.offset !== 0 && record.offset !== 0 && event.offset !== record.offset;
          if (record.offset !== 0) event.offset = record.offset;
          event.queue = record.queue;
          return isMoved ? { moved: event.id } : null;
        }
        case "refused":
          of(record.id).refused = record.code;
          return null;
        default:
          return null;
      }
    },
  };
}
export type Publications = ReturnType<typeof createPublications>;
