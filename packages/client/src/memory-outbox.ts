import { limits } from "@waybill/events";
import { Ledger } from "./ledger.ts";
import type { Outbox } from "./outbox.ts";
import { randomId } from "./random-id.ts";

/** Gone with the process. A new producer at each start; what is not confirmed when the program ends is lost. */
export function memoryOutbox({ eventsMax = limits.outboxEventsMax }: { eventsMax?: number } = {}): Outbox {
  const ledger = new Ledger(randomId());
  return {
    eventsMax,
    open: async () => ledger,
    put(entries) {
      for (const entry of entries) ledger.put(entry);
      return undefined;
    },
    confirm: (queue, to) => ledger.confirm(queue, to),
    refuse: async (queue, number, error) => ledger.refuse(queue, number, error, new Date().toISOString()),
    takeRefused: async () => ledger.refused.splice(0),
    newProducer: async (storageId) => ledger.renew(randomId(), storageId),
    remember(storageId) {
      ledger.storageId = storageId;
    },
    close: async () => {},
  };
}
