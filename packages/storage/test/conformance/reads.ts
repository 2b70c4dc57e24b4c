import { describe, expect, test } from "vitest";
import type { Suite } from "./harness.ts";
import { append, byHub, everything, numbered, range, readAll, tenant } from "./items.ts";

export function readSuite(suite: Suite): void {
  describe("reads", () => {
    test("[P12] a read that follows a commit sees it, and ends where its limits say, with at least one event", async () => {
      const { storage } = await suite.open();
      for (const n of range(1, 40)) {
        await append(storage, [byHub(`e${n}`, { body: "x".repeat(100) })]);
        expect((await storage.read(tenant, "store/acme", n, everything)).events.map(({ id }) => id)).toEqual([`e${n}`]);
      }
      const read = async (from: number, eventsMax: number, bytesMax: number) => {
        const { events, ...rest } = await storage.read(tenant, "store/acme", from, { eventsMax, bytesMax });
        return { ...rest, offsets: events.map(({ offset }) => offset) };
      };
      const bounds = { head: 40, firstKept: 1 };
      expect(await read(1, 3, 10_000)).toEqual({ ...bounds, offsets: [1, 2, 3], to: 3 });
      expect(await read(30, 100, 250)).toEqual({ ...bounds, offsets: [30, 31], to: 31 });
      expect(await read(38, 100, 1)).toEqual({ ...bounds, offsets: [38], to: 38 });
      expect(await read(1, 0, 1_000)).toEqual({ ...bounds, offsets: [], to: 40 });
      expect(await read(41, 10, 1_000)).toEqual({ ...bounds, offsets: [], to: 40 });
      expect(await read(35, 100, 10_000)).toEqual({ ...bounds, offsets: range(35, 40), to: 40 });
      expect(await storage.read(tenant, "store/nobody", 1, everything)).toEqual({ events: [], to: 0, head: 0, firstKept: 1 });
    });

    test("[P12] each event is read once, at any moment, while more are stored", async () => {
      const { storage } = await suite.open();
      const writing = range(1, 100).reduce(async (before, n) => {
        await before;
        await append(
          storage,
          range(1, 5).map((i) => byHub(`e${n}-${i}`, { home: `store/s${i % 3}` })),
        );
      }, Promise.resolve());
      let isDone = false;
      writing.finally(() => {
        isDone = true;
      });
      while (!isDone) {
        const offsets = (await readAll(storage, "store/s1")).map(({ offset }) => offset);
        expect(offsets).toEqual(range(1, offsets.length));
      }
      expect((await readAll(storage, "store/s1")).length).toBe(200);
    });

    test("single events by offset come in ascending order; those that are not there are missing", async () => {
      const { storage, reopen } = await suite.open();
      for (const n of range(1, 30)) await append(storage, [numbered(n)]);
      const now = suite.durable ? await reopen() : storage;
      const events = await now.readOffsets(tenant, "store/acme", [29, 3, 30, 3, 31, 1]);
      expect(events.map(({ offset, id }) => [offset, id])).toEqual([1, 3, 29, 30].map((offset) => [offset, `outbox-${offset}`]));
      expect(await now.readOffsets(tenant, "store/nobody", [1])).toEqual([]);
    });

    test("[P13] an offset is found by hub time; a clock that went back does not take the queue along", async () => {
      const { storage, reopen } = await suite.open();
      for (const n of range(1, 40)) await append(storage, [byHub(`e${n}`), byHub(`f${n}`, { home: `store/${n % 7}` })], 10_000 + n * 100);
      await append(storage, [byHub("late")], 3);
      const now = suite.durable ? await reopen() : storage;
      const [last] = await now.readOffsets(tenant, "store/acme", [41]);
      expect(last?.recordedAtMs).toBe(14_000);
      const at = (atMs: number) => now.offsetAt(tenant, "store/acme", atMs);
      expect([await at(0), await at(10_100), await at(10_101), await at(13_950), await at(14_000), await at(14_001)]).toEqual([
        1, 1, 2, 40, 40, 42,
      ]);
      expect(await now.offsetAt(tenant, "store/nobody", 5)).toBe(1);
    });
  });
}
