import { describe, expect, test } from "vitest";
import type { Suite } from "./harness.ts";
import { append, byHub, nothing, range, tenant, voidOf, writeProgress } from "./items.ts";

export function queueSuite(suite: Suite): void {
  describe("queues", () => {
    test("[P21] all that ever had an event, by name, in pages, with what main has left", async () => {
      const { storage, reopen } = await suite.open();
      await append(storage, [byHub("z1", { home: "store/zeta", copies: [{ queue: "zone/north" }] })]);
      // Sealed on the way: 90 events, where segments are small.
      for (const n of range(1, 30))
        await append(
          storage,
          range(1, 3).map((i) => byHub(`e${n}-${i}`, { home: `store/s${i}` })),
        );
      await append(storage, [byHub("late", { home: "store/only-in-the-tail", copies: [{ queue: "driver/dana" }] })]);
      await append(storage, [voidOf(1, "store/nothing-but-a-void")]);
      const acme = { tenant, queue: "store/s2", group: "main" };
      await writeProgress(storage, acme, {
        progress: {
          ...nothing.progress,
          cursor: 20,
          open: [
            [3, 3],
            [7, 9],
          ],
        },
        parked: { put: [{ key: "hot", first: 11, offsets: [11, 13] }], remove: [] },
      });
      const now = suite.durable ? await reopen() : storage;
      const all = [
        { queue: "driver/dana", head: 1, firstKept: 1, pending: 1 },
        { queue: "store/only-in-the-tail", head: 1, firstKept: 1, pending: 1 },
        { queue: "store/s1", head: 30, firstKept: 1, pending: 30 },
        { queue: "store/s2", head: 30, firstKept: 1, pending: 10 + 4 + 2 },
        { queue: "store/s3", head: 30, firstKept: 1, pending: 30 },
        { queue: "store/zeta", head: 1, firstKept: 1, pending: 1 },
        { queue: "zone/north", head: 1, firstKept: 1, pending: 1 },
      ];
      expect(await now.queues(tenant, { after: "" }, 100)).toEqual({ rows: all, more: false });
      expect(await now.queues(tenant, { after: "" }, 7)).toEqual({ rows: all, more: false });
      for (const size of [1, 2, 3, 6]) {
        const walked: unknown[] = [];
        for (let after = ""; ; ) {
          const { rows, more } = await now.queues(tenant, { after }, size);
          expect(rows.length).toBeLessThanOrEqual(size);
          walked.push(...rows);
          after = rows.at(-1)?.queue ?? "";
          if (!more) break;
        }
        expect(walked).toEqual(all);
      }
      expect(await now.queues(tenant, { kind: "store", after: "" }, 2)).toEqual({ rows: all.slice(1, 3), more: true });
      expect(await now.queues(tenant, { kind: "store", after: "store/s3" }, 5)).toEqual({ rows: all.slice(5, 6), more: false });
      expect(await now.queues(tenant, { kind: "zone", after: "" }, 5)).toEqual({ rows: all.slice(6), more: false });
      expect(await now.queues(tenant, { kind: "driver", after: "store/a" }, 5)).toEqual({ rows: [], more: false });
      expect(await now.queues("other", { after: "" }, 5)).toEqual({ rows: [], more: false });
    });

    test("a queue's groups, main among them whether or not it was written", async () => {
      const { storage, reopen } = await suite.open();
      expect(await storage.groups(tenant, "store/acme")).toEqual(["main"]);
      for (const group of ["zeta", "audit"])
        await storage.createSubscription({ tenant, queue: "store/acme", group }, { start: "start", types: null, policy: "block" });
      await storage.createSubscription(
        { tenant, queue: "store/acme-two", group: "other" },
        { start: "start", types: null, policy: "block" },
      );
      const now = suite.durable ? await reopen() : storage;
      expect(await now.groups(tenant, "store/acme")).toEqual(["audit", "main", "zeta"]);
    });
  });
}
