import type { Outbox } from "@waybill/client";
import { type History, monotonicUs, type PublisherRecord } from "@waybill/testkit";

export type RecordedOutbox = Outbox & {
  /** Resolves when it is open: from here on `known` is complete. */
  readonly opened: Promise<void>;
  /** Events of this producer that must not be published again: they are in the outbox, confirmed, or refused. */
  readonly known: ReadonlySet<string>;
  readonly confirmed: number;
};

/**
 * An outbox that keeps the publisher's history: the intent before an event goes in, the answer before it goes out. So after a
 * SIGKILL at any moment, what is in the outbox or in an answer was published, and nothing else was.
 */
export function recordOutbox(
  inner: Outbox,
  options: { producer: string; history: History; past: readonly PublisherRecord[] },
): RecordedOutbox {
  const { producer, history, past } = options;
  const { promise: opened, resolve: open, reject: fail } = Promise.withResolvers<void>();
  const known = new Set<string>();
  const confirmed = new Set<string>();
  let ledger: Awaited<ReturnType<Outbox["open"]>> | null = null;
  const write = (record: PublisherRecord) => history.write(record);

  const own = new Set(past.flatMap((record) => (record.kind === "intent" && record.producer === producer ? record.id : [])));
  for (const record of past) {
    if ((record.kind !== "answer" && record.kind !== "refused") || !own.has(record.id)) continue;
    known.add(record.id);
    if (record.kind === "answer") confirmed.add(record.id);
  }

  return {
    opened,
    known,
    get confirmed() {
      return confirmed.size;
    },
    eventsMax: inner.eventsMax,
    async open() {
      try {
        ledger = await inner.open();
      } catch (error) {
        fail(error);
        throw error;
      }
      for (const lane of ledger.lanes.values()) for (const entry of lane.entries()) known.add(entry.event.id);
      for (const { event } of ledger.refused) known.add(event.id);
      open();
      return ledger;
    },
    put(entries) {
      for (const { event } of entries) {
        const { id, type, parcel, store } = event;
        write({ kind: "intent", t: monotonicUs(), producer, id, type, parcel, store });
        known.add(id);
      }
      return inner.put(entries);
    },
    confirm(queue, to) {
      const lane = ledger?.lanes.get(queue);
      for (let number = (lane?.confirmedTo ?? to) + 1; lane && number <= to; number++) {
        const entry = lane.at(number);
        if (!entry?.body) continue;
        const { id } = entry.event;
        const outcome = confirmed.has(id) ? "duplicate" : "stored";
        write({ kind: "answer", t: monotonicUs(), id, outcome, queue, offset: 0 });
        confirmed.add(id);
      }
      return inner.confirm(queue, to);
    },
    async refuse(queue, number, error) {
      const refused = await inner.refuse(queue, number, error);
      if (refused) write({ kind: "refused", t: monotonicUs(), id: refused.event.id, code: error.code });
      return refused;
    },
    takeRefused: () => inner.takeRefused(),
    newProducer: (storageId) => inner.newProducer(storageId),
    remember: (storageId) => inner.remember(storageId),
    close: () => inner.close(),
  };
}
