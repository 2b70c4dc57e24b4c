import type { ParcelRow, TimedEvent } from "./parcel-row.ts";

/**
 * Rows in, events out, the earliest first. A parcel's events lie days apart, so they wait here until a row says that nothing
 * earlier comes (`fromMs`). Held are the events of the parcels that were under way at one time, never the file. Equal times
 * keep the order of the rows. With `fromMs` +∞ everything goes that is held: a file without the column is replayed as it stands.
 */
export async function* byTime(rows: AsyncIterable<ParcelRow>): AsyncGenerator<TimedEvent> {
  const heap: Held[] = [];
  let order = 0;
  for await (const row of rows) {
    for (const event of row.events) push(heap, { ...event, order: order++ });
    while (heap[0] && heap[0].ms < row.fromMs) yield pop(heap);
  }
  while (heap[0]) yield pop(heap);
}

type Held = TimedEvent & { order: number };
const isBefore = (a: Held, b: Held): boolean => a.ms < b.ms || (a.ms === b.ms && a.order < b.order);

function push(heap: Held[], item: Held): void {
  let at = heap.length;
  heap.push(item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (!above || !isBefore(item, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Held[]): Held {
  const [first] = heap;
  const last = heap.pop();
  if (!first || !last) throw new Error("pop of an empty heap");
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    const child = right && left && isBefore(right, left) ? right : left;
    if (!child || !isBefore(child, last)) break;
    heap[at] = child;
    at = child === right ? 2 * at + 2 : 2 * at + 1;
  }
  heap[at] = last;
  return first;
}
