import { HubError } from "@waybill/events";
import type { Consumer } from "./consumer.ts";
import type { InHand } from "./in-hand.ts";
import type { IntakeOptions } from "./intake.ts";
import { WITHDRAW } from "./settle-buffer.ts";
import type { Delivery, SubscribeOptions } from "./types.ts";

/**
 * Deliveries for a loop. One is started for each call of `next`, and is over when the loop settles it or its lease is
 * lost. Leaving the loop hands back what is not settled.
 */
export async function* deliveryStream(consumer: Consumer, options: SubscribeOptions): AsyncGenerator<Delivery, void, void> {
  const concurrency = options.concurrency ?? 16;
  const started: InHand[] = [];
  const open = new Set<InHand>();
  let wanted = false;
  let wake = (): void => {};
  const handle = (item: InHand): Promise<void> =>
    new Promise((over) => {
      wanted = false;
      started.push(item);
      open.add(item);
      item.whenOver = () => {
        open.delete(item);
        over();
      };
      wake();
    });
  const how: IntakeOptions = {
    handle,
    concurrency: () => (wanted ? Math.min(concurrency, open.size + 1) : 0),
    returned: () => {},
    threw: () => {},
    closed: () => wake(),
  };
  const intake = await consumer.subscribe({ queues: options.queues, options, isPool: false }, how).catch(endIfClosed);
  if (intake === null) return;
  try {
    while (!intake.isClosing) {
      wanted = true;
      intake.pump();
      if (started.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const item = started.shift();
      if (item !== undefined) yield item;
    }
  } finally {
    for (const item of open) item.over(WITHDRAW);
    await consumer.stop(intake);
  }
}

/** A client that is closed ends its loops; whatever else keeps a loop from starting is thrown into it. */
function endIfClosed(error: unknown): null {
  if (error instanceof HubError && error.code === "CLOSED") return null;
  throw error;
}
