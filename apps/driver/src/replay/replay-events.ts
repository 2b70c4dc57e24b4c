import type { Published, Publisher } from "@waybill/client";
import { type HubErrorBody, toHubError } from "@waybill/events";
import { inOrder } from "../in-order.ts";
import { outboxRoom } from "../outbox-room.ts";
import type { TimedEvent } from "./parcel-row.ts";

export type ReplayCounts = { published: number; stored: number; duplicates: number; refused: number; unknown: number };

export type ReplayOptions = {
  events: AsyncIterable<TimedEvent>;
  publisher: Pick<Publisher, "publish" | "outbox">;
  /** Stops the waiting for the hub's answers; what is in the outbox by then is `unknown`. */
  signal: AbortSignal;
  onRefused(refused: { event: TimedEvent["event"]; error: HubErrorBody }): void;
  onProgress(counts: ReplayCounts, last: TimedEvent): void;
  inFlightMax?: number;
};

type Result = { item: TimedEvent; outcome: Published["outcome"] | "unknown" | HubErrorBody };

/** Publishes events in the order in which they come, many under way at once. */
export async function replayEvents(options: ReplayOptions): Promise<ReplayCounts> {
  const { publisher, signal } = options;
  const counts: ReplayCounts = { published: 0, stored: 0, duplicates: 0, refused: 0, unknown: 0 };

  const start = async (item: TimedEvent): Promise<Result> => {
    counts.published += 1;
    try {
      return { item, outcome: (await publisher.publish(item.event, { signal })).outcome };
    } catch (error) {
      const refusal = toHubError(error);
      return { item, outcome: refusal.code === "CANCELLED" ? "unknown" : refusal.toBody() };
    }
  };
  const done = ({ item, outcome }: Result): void => {
    if (outcome === "stored") counts.stored += 1;
    else if (outcome === "duplicate") counts.duplicates += 1;
    else if (outcome === "outbox" || outcome === "unknown") counts.unknown += 1;
    else {
      counts.refused += 1;
      options.onRefused({ event: item.event, error: outcome });
    }
    options.onProgress(counts, item);
  };

  await inOrder(withRoom(options), { start, done, inFlightMax: options.inFlightMax ?? 4_096 });
  return counts;
}

async function* withRoom({ events, publisher, signal }: ReplayOptions): AsyncGenerator<TimedEvent> {
  for await (const event of events) {
    await outboxRoom(publisher, signal);
    yield event;
  }
}
