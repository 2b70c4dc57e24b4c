import { describe, expect, test } from "vitest";
import type { Suite } from "./harness.ts";
import { append, byHub, bytes, everything, range, readAll, tenant, textOf, writeProgress } from "./items.ts";

const main = { tenant, queue: "store/acme", group: "main" };
const at = (cursor: number, open: readonly (readonly [number, number])[] = []) => ({
  generation: 1,
  cursor,
  open,
  offeredTo: cursor,
  ackedTo: 0,
  paused: false,
});

export function keepingSuite(suite: Suite): void {
  describe("names and blobs", () => {
    test("names are added once, found, and listed in pages", async () => {
      const { storage, reopen } = await suite.open();
      expect(await storage.addNames(tenant, "store", ["b", "a", "c"])).toBe(3);
      expect(await storage.addNames(tenant, "store", ["c", "d"])).toBe(1);
      expect(await storage.addNames(tenant, "zone", ["a"])).toBe(1);
      const now = suite.durable ? await reopen() : storage;
      expect(await now.names(tenant, "store", "", 3)).toEqual({ rows: ["a", "b", "c"], more: true });
      expect(await now.names(tenant, "store", "c", 3)).toEqual({ rows: ["d"], more: false });
      expect(await now.hasNames(tenant, "store", ["d", "x"])).toEqual([true, false]);
      expect(await now.hasNames("other", "store", ["d"])).toEqual([false]);
      expect(await now.hasNames(tenant, "driver", ["a"])).toEqual([false]);
    });

    test("a blob is there when it was put", async () => {
      const { storage, reopen } = await suite.open();
      await storage.putBlob(tenant, "abc", bytes("photo"));
      const now = suite.durable ? await reopen() : storage;
      expect(textOf((await now.blob(tenant, "abc")) ?? bytes(""))).toBe("photo");
      expect(await now.blob("other", "abc")).toBeNull();
    });
  });

  describe("redact", () => {
    test("[P17] one event's body is replaced at home, in all copies and in dead letters; its place stays", async () => {
      const { storage, reopen } = await suite.open();
      await append(
        storage,
        range(1, 20).map((n) => byHub(`e${n}`, { copies: n === 7 ? [{ queue: "driver/d" }, { queue: "zone/z" }] : [] })),
      );
      const again = { id: "e7", type: "ready", homeOffset: 7, body: bytes("secret again") };
      await append(storage, [byHub("later", { copies: [{ queue: "zone/z", event: again }] })]);
      const notes = [{ atMs: 1, kind: "failed" as const, by: "x", reason: "y" }];
      const put = [7, 8].map((offset) => ({ offset, key: "p1", type: "in-transit", buriedAtMs: 1, redrive: 0, notes, ref: null }));
      await writeProgress(storage, main, { progress: at(21), dead: { put, remove: [] } });
      await storage.redact(tenant, "store/acme", 7, bytes("{}"));
      await append(storage, [byHub("after")]);
      const now = suite.durable ? await reopen() : storage;
      const bodies = async (queue: string) => (await readAll(now, queue)).map(({ id, body }) => `${id}: ${textOf(body)}`);
      const home = await bodies("store/acme");
      expect(home.length).toBe(22);
      expect(home.slice(5, 8)).toEqual(['e6: {"id":"e6"}', "e7: {}", 'e8: {"id":"e8"}']);
      expect(await bodies("driver/d")).toEqual(["e7: {}"]);
      expect(await bodies("zone/z")).toEqual(["e7: {}", "e7: {}"]);
      expect((await now.deadLetters(main, 0, 9)).rows.map(({ body }) => textOf(body))).toEqual(["{}", '{"id":"e8"}']);
    });
  });

  describe("trim", () => {
    test("[P18] settled history goes, what main has not settled stays, and a read says where history begins", async () => {
      const { storage, reopen } = await suite.open();
      for (const n of range(1, 60)) await append(storage, [byHub(`e${n}`), byHub(`f${n}`, { home: "store/idle" })], 10_000 + n);
      await writeProgress(storage, main, { progress: at(50, [[45, 45]]) });
      const { events } = await storage.trim({ beforeMs: 10_040, queueEventsMax: 1_000_000 });
      const now = suite.durable ? await reopen() : storage;
      const { firstKept, head } = await now.read(tenant, "store/acme", 1, everything);
      expect(head).toBe(60);
      expect(events).toBe(firstKept - 1);
      if (suite.exactTrim) expect(firstKept).toBe(40);
      expect(firstKept).toBeGreaterThan(16);
      expect(firstKept).toBeLessThanOrEqual(40);
      expect((await readAll(now, "store/acme")).map(({ offset }) => offset)).toEqual(range(firstKept, 60));
      expect((await readAll(now, "store/idle")).map(({ offset }) => offset)).toEqual(range(1, 60));
      expect(await now.readOffsets(tenant, "store/acme", [1, 60])).toHaveLength(1);
      expect((await now.subscription(main))?.firstKept).toBe(firstKept);

      await now.trim({ beforeMs: 0, queueEventsMax: 5 });
      const kept = (await now.read(tenant, "store/acme", 1, everything)).firstKept;
      expect(kept).toBeGreaterThanOrEqual(firstKept);
      expect(kept).toBeLessThanOrEqual(45);
      expect((await append(now, [byHub("next")]))[0]).toMatchObject({ offset: 61 });
    });
  });

  test("numbers about itself", async () => {
    const { storage, reopen } = await suite.open();
    for (const n of range(1, 50)) await append(storage, [byHub(`e${n}`, { home: `store/s${n % 5}` })]);
    const now = suite.durable ? await reopen() : storage;
    expect(await now.stats()).toMatchObject({ events: 50, queues: 5 });
  });

  test("when closed, it refuses", async () => {
    const { storage } = await suite.open();
    await storage.close();
    await expect(append(storage, [byHub("e1")])).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    await expect(storage.read(tenant, "store/acme", 1, everything)).rejects.toMatchObject({ code: "STORAGE_FAILED" });
  });
}
