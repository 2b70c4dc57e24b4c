import { limits, type PeekQueue, parseJson, type QueuePage } from "@waybill/events";
import type { Storage, StoredEvent } from "@waybill/storage";

/** Events that are looked at for one answer: a filter that fits few must not hold the hub up. */
const LOOK_MAX = 5_000;
const READ = 1_000;

export type Peek = Pick<PeekQueue, "parcel" | "type"> & { tenant: string; queue: string; from: number; limit: number };

/** Events from an offset on that fit, as many as one answer may hold. Reads only. */
export async function peek(storage: Pick<Storage, "read">, { tenant, queue, from, limit, ...filter }: Peek): Promise<QueuePage> {
  const events: QueuePage["events"] = [];
  const readMax = filter.parcel === undefined && filter.type === undefined ? limit : READ;
  let bytes = 0;
  let looked = 0;
  for (let next = from; ; ) {
    const read = await storage.read(tenant, queue, next, { eventsMax: readMax, bytesMax: limits.peekBytesMax });
    const { head, firstKept } = read;
    const page = (after: number): QueuePage => ({ outcome: "events", events, next: after, more: after <= head, head, firstKept });
    for (const event of read.events) {
      const isFit = fits(event, filter);
      if (isFit && events.length > 0 && bytes + event.body.length > limits.peekBytesMax) return page(event.offset);
      next = event.offset + 1;
      looked += 1;
      if (!isFit) continue;
      bytes += event.body.length;
      events.push(peekedOf(event));
      if (events.length >= limit) return page(next);
    }
    next = Math.max(next, read.to + 1);
    if (next > head || looked >= LOOK_MAX) return page(next);
  }
}

const fits = (event: StoredEvent, { parcel, type }: Pick<PeekQueue, "parcel" | "type">): boolean =>
  (parcel === undefined || event.parcel === parcel) && (type === undefined || event.type === type);

const peekedOf = ({ body, ...event }: StoredEvent) => ({ ...event, event: parseJson(body, `event ${event.offset}`) });
