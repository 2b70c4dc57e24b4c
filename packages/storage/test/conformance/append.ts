import { describe, expect, test } from "vitest";
import type { Suite } from "./harness.ts";
import { append, byHub, numbered, outcomesOf, plain, range, readAll, tenant, textOf, voidOf } from "./items.ts";

export function appendSuite(suite: Suite): void {
  describe("commit", () => {
    test("[P1] [P3] what is called stored is read back as it was handed over, under contiguous offsets", async () => {
      const { storage, reopen } = await suite.open();
      const outcomes = await append(
        storage,
        [numbered(1, { body: '{"é":1}' }), byHub("h1", { home: "store/other" }), numbered(2), plain("x1")],
        5_000,
      );
      expect(outcomes).toEqual([
        { outcome: "stored", offset: 1, recordedAtMs: 5_000, copyOffsets: [] },
        { outcome: "stored", offset: 1, recordedAtMs: 5_000, copyOffsets: [] },
        { outcome: "stored", offset: 2, recordedAtMs: 5_000, copyOffsets: [] },
        { outcome: "stored", offset: 3, recordedAtMs: 5_000, copyOffsets: [] },
      ]);
      const events = await readAll(suite.durable ? await reopen() : storage, "store/acme");
      const [first] = events;
      expect(first).toMatchObject({
        queue: "store/acme",
        offset: 1,
        recordedAtMs: 5_000,
        id: "outbox-1",
        type: "in-transit",
        parcel: "p1",
      });
      expect(first).toMatchObject({ producer: "outbox", number: 1, homeOffset: 1 });
      expect(textOf(first?.body ?? new Uint8Array())).toBe('{"é":1}');
      expect(events.map(({ offset, producer, number }) => [offset, producer, number])).toEqual([
        [1, "outbox", 1],
        [2, "outbox", 2],
        [3, "driver:7", 0],
      ]);
    });

    test("[P2] an event, its copies and the copies of another event are one commit, each with its home offset", async () => {
      const { storage, reopen } = await suite.open();
      await append(storage, [byHub("ready-1", { type: "ready", copies: [{ queue: "zone/north" }] })]);
      const again = { id: "ready-1", type: "ready", homeOffset: 1, body: new TextEncoder().encode("again") };
      const [outcome] = await append(storage, [
        byHub("released-1", { type: "released", copies: [{ queue: "driver/7" }, { queue: "zone/north", event: again }] }),
      ]);
      expect(outcome).toMatchObject({ outcome: "stored", offset: 2, copyOffsets: [1, 2] });
      const now = suite.durable ? await reopen() : storage;
      expect((await readAll(now, "driver/7")).map(({ id, homeOffset, producer }) => [id, homeOffset, producer])).toEqual([
        ["released-1", 2, "hub"],
      ]);
      const pool = await readAll(now, "zone/north");
      expect(pool.map(({ offset, id, type, homeOffset, body }) => [offset, id, type, homeOffset, textOf(body)])).toEqual([
        [1, "ready-1", "ready", 1, '{"id":"ready-1"}'],
        [2, "ready-1", "ready", 1, "again"],
      ]);
    });

    test("[P4] a lane takes its numbers in order; what stands behind its first refusal is not looked at, other lanes are", async () => {
      const { storage } = await suite.open();
      const outcomes = await append(storage, [
        numbered(1),
        numbered(3),
        numbered(2),
        numbered(1, { producer: "other" }),
        numbered(1, { home: "store/b" }),
      ]);
      expect(outcomes[1]).toEqual({ outcome: "gap", expected: 2 });
      expect(outcomesOf(outcomes)).toEqual(["stored", "gap", "skipped", "stored", "stored"]);
      expect(await storage.lanes("default", "outbox", ["store/acme", "store/b", "store/c"])).toEqual([1, 1, 0]);
    });

    test("[P4] a void advances its lane and appends nothing; its number can never become an event", async () => {
      const { storage, reopen } = await suite.open();
      expect(outcomesOf(await append(storage, [numbered(1), voidOf(2), numbered(3), voidOf(4)]))).toEqual([
        "stored",
        "void",
        "stored",
        "void",
      ]);
      const now = suite.durable ? await reopen() : storage;
      expect((await readAll(now, "store/acme")).map(({ number }) => number)).toEqual([1, 3]);
      expect(await now.lanes("default", "outbox", ["store/acme"])).toEqual([4]);
      expect(await append(now, [voidOf(2)])).toEqual([{ outcome: "duplicate", offset: 0 }]);
      expect(await append(now, [numbered(2)])).toEqual([{ outcome: "reused", id: "" }]);
      expect(await append(now, [numbered(4)])).toEqual([{ outcome: "reused", id: "" }]);
      expect(outcomesOf(await append(now, [numbered(5)]))).toEqual(["stored"]);
    });

    test("[P5] calls that overlap commit in their order", async () => {
      const { storage } = await suite.open();
      const outcomes = await Promise.all(
        range(1, 60).map((number) =>
          append(storage, [numbered(number), numbered(number, { producer: `q${number % 3}`, home: "store/z" })]),
        ),
      );
      expect(outcomes.map(([first]) => first)).toEqual(
        range(1, 60).map((offset) => expect.objectContaining({ outcome: "stored", offset })),
      );
      expect((await readAll(storage, "store/acme")).map(({ number }) => number)).toEqual(range(1, 60));
    });

    test("[P5] small and large ones, and what else is written, keep their order among each other, and so do their answers", async () => {
      const { storage } = await suite.open();
      const answered: number[] = [];
      const outcomes = await Promise.all(
        range(1, 48).map(async (number) => {
          const body = number % 3 === 0 ? "x".repeat(70_000 + number) : String(number);
          if (number % 7 === 0) storage.audit(tenant, "ops", "test", String(number));
          const all = await append(storage, [numbered(number, { body })]);
          answered.push(number);
          return all;
        }),
      );
      expect(outcomes.flatMap(outcomesOf)).toEqual(range(1, 48).map(() => "stored"));
      expect(answered).toEqual(range(1, 48));
      expect((await readAll(storage, "store/acme")).map(({ number }) => number)).toEqual(range(1, 48));
    });

    test("[P6] a repeat is answered with its offset, another id under its number is refused and stops the lane", async () => {
      const { storage, reopen } = await suite.open();
      await append(
        storage,
        range(1, 50).map((number) => numbered(number)),
      );
      const now = suite.durable ? await reopen() : storage;
      expect(await append(now, [numbered(50), numbered(7), numbered(49)])).toEqual(
        [50, 7, 49].map((offset) => ({ outcome: "duplicate", offset })),
      );
      const outcomes = await append(now, [numbered(7, { id: "impostor" }), numbered(51)]);
      expect(outcomes).toEqual([{ outcome: "reused", id: "outbox-7" }, { outcome: "skipped" }]);
      expect((await readAll(now, "store/acme")).length).toBe(50);
    });

    test("[P6] behind the last 1,024 numbers a repeat is still a repeat, its offset no longer known", async () => {
      const { storage, reopen } = await suite.open();
      for (let from = 1; from <= 1_100; from += 100)
        await append(
          storage,
          range(from, from + 99).map((number) => numbered(number)),
        );
      const now = suite.durable ? await reopen() : storage;
      expect(await append(now, [numbered(76), numbered(77), numbered(1_100)])).toEqual([
        { outcome: "duplicate", offset: 0 },
        { outcome: "duplicate", offset: 77 },
        { outcome: "duplicate", offset: 1_100 },
      ]);
      expect(await append(now, [numbered(77, { id: "impostor" })])).toEqual([{ outcome: "reused", id: "outbox-77" }]);
      expect((await readAll(now, "store/acme", 1_095)).map(({ offset }) => offset)).toEqual(range(1_095, 1_100));
    });

    test("[P7] a plain subject's last 1,024 ids are recognised; the same id of another subject is another event", async () => {
      const { storage, reopen } = await suite.open();
      for (let from = 1; from <= 1_050; from += 50)
        await append(
          storage,
          range(from, from + 49).map((n) => plain(`e${n}`)),
        );
      const now = suite.durable ? await reopen() : storage;
      const outcomes = await append(now, [
        plain("e27"),
        plain("e1050"),
        plain("e27", { subject: "driver:8" }),
        plain("e30", { home: "store/else" }),
      ]);
      expect(outcomes[0]).toEqual({ outcome: "duplicate", offset: 27 });
      expect(outcomes[1]).toEqual({ outcome: "duplicate", offset: 1_050 });
      expect(outcomes[2]).toMatchObject({ outcome: "stored", offset: 1_051 });
      expect(outcomes[3]).toEqual({ outcome: "reused", id: "e30" });
      expect(outcomesOf(await append(now, [plain("e1")]))).toEqual(["stored"]);
    });

    test("[P11] an older incarnation is fenced, durably", async () => {
      const { storage, reopen } = await suite.open();
      expect(await storage.registerProducer("default", "outbox", 3)).toBe(true);
      expect(await storage.registerProducer("default", "outbox", 3)).toBe(true);
      expect(await storage.registerProducer("default", "outbox", 2)).toBe(false);
      const now = suite.durable ? await reopen() : storage;
      const outcomes = await append(now, [
        numbered(1, { incarnation: 2 }),
        numbered(1, { incarnation: 3 }),
        numbered(1, { incarnation: 3, home: "store/b" }),
      ]);
      expect(outcomes).toEqual([
        { outcome: "fenced", incarnation: 3 },
        { outcome: "skipped" },
        expect.objectContaining({ outcome: "stored" }),
      ]);
    });

    test("tenants share nothing", async () => {
      const { storage } = await suite.open();
      expect(outcomesOf(await append(storage, [numbered(1), numbered(1, { tenant: "other" }), numbered(2, { tenant: "third" })]))).toEqual([
        "stored",
        "stored",
        "gap",
      ]);
      expect((await storage.read("other", "store/acme", 1, { eventsMax: 10, bytesMax: 1_000 })).events.length).toBe(1);
      expect(await storage.lanes("third", "outbox", ["store/acme"])).toEqual([0]);
    });
  });
}
