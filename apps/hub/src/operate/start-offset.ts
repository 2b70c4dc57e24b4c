import type { Start } from "@waybill/events";
import type { Storage, SubscriptionKey } from "@waybill/storage";

export type Extent = { head: number; firstKept: number };

/**
 * The first offset that a start means. A time before which history was trimmed means the queue's beginning: what was trimmed may have been
 * recorded after it, nobody knows how much, so the gap that is told is the one that cannot be too small.
 */
export async function startOffset(
  storage: Pick<Storage, "offsetAt">,
  { tenant, queue }: Pick<SubscriptionKey, "tenant" | "queue">,
  { start, head, firstKept }: Extent & { start: Start },
): Promise<number> {
  if (start === "start") return 1;
  if (start === "end") return head + 1;
  if ("offset" in start) return Math.min(start.offset, head + 1);
  const first = await storage.offsetAt(tenant, queue, Date.parse(start.at));
  return first <= firstKept ? 1 : first;
}
