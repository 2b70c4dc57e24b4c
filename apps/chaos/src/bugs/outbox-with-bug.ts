import { memoryOutbox, type Outbox } from "@waybill/client";

/** The driver's outbox with the bug of that name; without one of its own: the outbox as it is. */
export function outboxWithBug(bug: string | null, outbox: Outbox): Outbox {
  switch (bug) {
    case "outbox-deleted-before-ack":
      return memoryOutbox(); // Nothing is found in it after a kill: that is what a file that forgets too early comes to.
    case "republish-under-new-id":
      return republishing(outbox);
    default:
      return outbox;
  }
}

function republishing(outbox: Outbox): Outbox {
  const bound: Outbox = {
    eventsMax: outbox.eventsMax,
    async open() {
      const ledger = await outbox.open();
      if (ledger.pending > 0) await outbox.newProducer(ledger.storageId);
      return ledger;
    },
    put: (entries) => outbox.put(entries),
    confirm: (queue, to) => outbox.confirm(queue, to),
    refuse: (queue, number, error) => outbox.refuse(queue, number, error),
    takeRefused: () => outbox.takeRefused(),
    newProducer: (storageId) => outbox.newProducer(storageId),
    remember: (storageId) => outbox.remember(storageId),
    close: () => outbox.close(),
  };
  return bound;
}
