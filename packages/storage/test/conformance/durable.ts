import { describe, expect, test } from "vitest";
import type { Suite } from "./harness.ts";
import { append, byHub, numbered, outcomesOf, plain, range, readAll, voidOf } from "./items.ts";

const dayMs = 86_400_000;

export function durableSuite(suite: Suite): void {
  describe("opened again", () => {
    test("[P10] each opening has a higher epoch and the same id", async () => {
      const { storage, reopen } = await suite.open();
      const { storageId, epoch } = storage.info;
      const again = await reopen();
      expect(again.info).toMatchObject({ storageId, epoch: epoch + 1 });
    });

    test("[P3] [P4] [P7] offsets, lanes and ids go on where they were, again and again", async () => {
      const { storage, reopen } = await suite.open();
      let now = storage;
      for (const round of range(1, 6)) {
        const number = round * 2 - 1;
        const items = [
          numbered(number),
          numbered(number + 1),
          plain(`x${round}`),
          ...(round > 1 ? [plain(`x${round - 1}`), numbered(number - 1)] : []),
        ];
        const expected = ["stored", "stored", "stored", ...(round > 1 ? ["duplicate", "duplicate"] : [])];
        expect(outcomesOf(await append(now, items))).toEqual(expected);
        now = await reopen();
      }
      expect((await readAll(now, "store/acme")).map(({ offset }) => offset)).toEqual(range(1, 18));
    });

    test("[P4] [P6] [P7] a lane, an id and a queue that were quiet for long go on where they were", async () => {
      const { storage, reopen } = await suite.open();
      await append(storage, [numbered(1), voidOf(2), plain("x1"), numbered(1, { home: "store/quiet" }), voidOf(1, "store/void")]);
      for (const n of range(1, 80)) await append(storage, [byHub(`e${n}`, { home: "store/busy" })]);
      const now = await reopen();
      expect(await now.lanes("default", "outbox", ["store/acme", "store/quiet", "store/void"])).toEqual([2, 1, 1]);
      expect(await append(now, [numbered(1), plain("x1"), numbered(1, { home: "store/quiet", id: "impostor" })])).toEqual([
        { outcome: "duplicate", offset: 1 },
        { outcome: "duplicate", offset: 2 },
        { outcome: "reused", id: "outbox-1" },
      ]);
      const outcomes = await append(now, [numbered(3), numbered(2, { home: "store/quiet" }), numbered(2, { home: "store/void" })]);
      expect(outcomes.map((one) => (one.outcome === "stored" ? one.offset : one.outcome))).toEqual([3, 2, 1]);
    });

    test("[P20] hub time goes on by the wall clock's gap, a day at most, and never back", async () => {
      let wallMs = 5_000_000;
      const { storage, reopen } = await suite.open({ wallMs: () => wallMs });
      expect(storage.info.hubTimeMs).toBe(5_000_000);
      await storage.saveTime(5_001_000);
      wallMs += 60_000;
      let now = await reopen();
      expect(now.info.hubTimeMs).toBe(5_001_000);
      await now.saveTime(5_002_000);
      wallMs += 0;
      now = await reopen();
      expect(now.info.hubTimeMs).toBe(5_002_000);
    });

    test("[P20] hub time is never before the latest commit", async () => {
      const { storage, reopen } = await suite.open({ wallMs: () => dayMs });
      await append(storage, [byHub("e1")], dayMs + 500_000);
      expect((await reopen()).info.hubTimeMs).toBeGreaterThanOrEqual(dayMs + 500_000);
    });
  });
}
