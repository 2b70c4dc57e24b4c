import type { Entry, Outbox } from "@waybill/client";
import type { History } from "../judge/history.ts";

/** Writes down what the outbox has made durable, and what left it as confirmed. */
export function recorded(outbox: Outbox, history: History, isDurable: boolean): Outbox {
  const mark = (entries: readonly Entry[], what: "isKept" | "isConfirmed"): void => {
    for (const { event, body } of entries) {
      const publication = history.publications.get(event.id);
      if (publication && body !== null) publication[what] = true;
    }
  };
  const refused = (id: string, code: string): void => {
    const publication = history.publications.get(id);
    if (publication) publication.refusedWith = code;
  };
  return {
    eventsMax: outbox.eventsMax,
    open: () => outbox.open(),
    put(entries) {
      const written = outbox.put(entries);
      if (!isDurable) return written;
      if (written === undefined) mark(entries, "isKept");
      return written?.then(() => mark(entries, "isKept"));
    },
    confirm(queue, to) {
      const confirmed = outbox.confirm(queue, to);
      mark(confirmed, "isConfirmed");
      return confirmed;
    },
    async refuse(queue, number, error) {
      const done = await outbox.refuse(queue, number, error);
      if (done) refused(done.event.id, error.code);
      return done;
    },
    takeRefused: () => outbox.takeRefused(),
    newProducer: (storageId) => outbox.newProducer(storageId),
    remember: (storageId) => outbox.remember(storageId),
    close: () => outbox.close(),
  };
}
