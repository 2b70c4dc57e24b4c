import { limits, toJsonBytes } from "@waybill/events";
import { openMemoryStorage } from "@waybill/storage";
import { expect, test } from "vitest";
import { itemByHub } from "../../test/item-by-hub.ts";
import { peek } from "./peek.ts";

const tenant = "default";
const queue = "store/acme";
const offsetsOf = ({ events }: { events: readonly { offset: number }[] }) => events.map(({ offset }) => offset);

/** Every tenth event is of parcel `rare`. */
async function filled(count: number, text = "") {
  const storage = await openMemoryStorage();
  const items = Array.from({ length: count }, (_, i) => {
    const parcel = (i + 1) % 10 === 0 ? "rare" : "often";
    return itemByHub(`e${i + 1}`, { type: "message", parcel, body: toJsonBytes({ text }) });
  });
  await storage.commit({ nowMs: 1_000, items, progress: [] });
  return storage;
}

test("a page ends at its limit and says where the next one begins", async () => {
  const storage = await filled(25);
  const page = await peek(storage, { tenant, queue, from: 1, limit: 10 });
  expect(page).toMatchObject({ next: 11, more: true, head: 25, firstKept: 1 });
  expect(page.events[0]).toMatchObject({ offset: 1, id: "e1", parcel: "often", producer: "hub", event: { text: "" } });
  expect(offsetsOf(page)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const last = await peek(storage, { tenant, queue, from: 21, limit: 10 });
  expect([offsetsOf(last), last.next, last.more]).toEqual([[21, 22, 23, 24, 25], 26, false]);
  expect(await peek(storage, { tenant, queue, from: 40, limit: 10 })).toMatchObject({ events: [], next: 40, more: false, head: 25 });
});

test("a page ends at its bytes, with at least one event", async () => {
  const storage = await filled(200, "x".repeat(16_000));
  const page = await peek(storage, { tenant, queue, from: 1, limit: 500 });
  expect(page.events.length).toBe(Math.floor(limits.peekBytesMax / toJsonBytes({ text: "x".repeat(16_000) }).length));
  const filtered = await peek(storage, { tenant, queue, from: 1, limit: 500, type: "message" });
  expect([offsetsOf(filtered), filtered.next]).toEqual([offsetsOf(page), page.next]);
});

test("a filter looks at so many events at most, and goes on where it stopped", async () => {
  const storage = await filled(12_000);
  const seen: number[] = [];
  let answers = 0;
  for (let from = 1; ; answers++) {
    const page = await peek(storage, { tenant, queue, from, limit: 500, parcel: "rare" });
    seen.push(...offsetsOf(page));
    from = page.next;
    if (!page.more) break;
  }
  expect(seen).toEqual(Array.from({ length: 1_200 }, (_, i) => (i + 1) * 10));
  expect(await peek(storage, { tenant, queue, from: 1, limit: 9, parcel: "nobody" })).toMatchObject({
    events: [],
    next: 5_001,
    more: true,
  });
  expect(answers).toBeGreaterThan(1);
});
