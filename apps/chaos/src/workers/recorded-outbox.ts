import { join } from "node:path";
import type { Outbox } from "@waybill/client";
import { type History, monotonicUs } from "@waybill/testkit";
import { fingerprint } from "./fingerprint.ts";
import type { ClientRecord } from "./records.ts";
import { loadSchema } from "./workload.ts";

/** In a worker's folder, of one of its drivers. */
export const outboxFile = (dir: string, driver: string): string => join(dir, `outbox-${driver}`);

/**
 * An outbox that keeps the publisher's history: the intent before an event goes in, `kept` when it is durable, the answer
 * before it goes out. So what a kill cut short is known to the line.
 */
export function recordOutbox(inner: Outbox, { history, confirmed }: { history: History; confirmed: () => void }): Outbox {
  let ledger: Awaited<ReturnType<Outbox["open"]>> | null = null;
  const write = (record: ClientRecord) => history.write(record);

  return {
    eventsMax: inner.eventsMax,
    async open() {
      ledger = await inner.open();
      return ledger;
    },
    async put(entries) {
      for (const { event } of entries) {
        const { id, parcel, store } = event;
        const { producer, n } = loadSchema.parse("extra" in event.data ? event.data.extra : {});
        write({ kind: "intent", t: monotonicUs(), id, producer, parcel, store, n, print: fingerprint(event) });
      }
      await inner.put(entries);
      write({ kind: "kept", t: monotonicUs(), ids: entries.map(({ event }) => event.id) });
    },
    confirm(queue, to) {
      const lane = ledger?.lanes.get(queue);
      for (let number = (lane?.confirmedTo ?? to) + 1; lane && number <= to; number++) {
        const entry = lane.at(number);
        if (!entry?.body) continue;
        write({ kind: "answer", t: monotonicUs(), id: entry.event.id, outcome: "stored", queue, offset: 0 });
        confirmed();
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
