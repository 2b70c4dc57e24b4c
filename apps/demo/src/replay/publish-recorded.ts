import type { NewEvent, Publisher } from "@waybill/client";
import { HubError } from "@waybill/events";
import { type History, monotonicUs, type PublisherRecord } from "@waybill/testkit";

/**
 * Publishes and lets it go: the outbox has it, and the answer is written when it comes, with its place. An event refused for
 * good is in the history already. Anything else that goes wrong ends the worker: the replay would not be whole.
 */
export function publishRecorded(client: Pick<Publisher, "publish">, history: History, event: NewEvent): void {
  client.publish(event).then(
    (published) => {
      if (published.outcome === "outbox") return;
      const { id, outcome, queue, offset } = published;
      const record: PublisherRecord = { kind: "answer", t: monotonicUs(), id, outcome, queue, offset };
      history.write(record);
    },
    (error: unknown) => {
      const isExpected = error instanceof HubError && (error.code === "CLOSED" || error.retry === "never");
      if (!isExpected) throw error;
    },
  );
}
