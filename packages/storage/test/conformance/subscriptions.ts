import { HubError } from "@waybill/events";
import type { Progress } from "@waybill/queue";
import { describe, expect, test } from "vitest";
import type { Storage } from "../../src/port.ts";
import type { Suite } from "./harness.ts";
import { append, attempt, audit, byHub, letter, main, nothing, outcomesOf, range, tenant, textOf, writeProgress } from "./items.ts";

const at = (cursor: number, rest: Partial<Progress> = {}): Progress => ({ ...nothing.progress, cursor, ...rest });

export function subscriptionSuite(suite: Suite): void {
  describe("subscriptions", () => {
    test("[P14] group main is there before the first event, another group is not", async () => {
      const { storage } = await suite.open();
      expect(await storage.subscription(main)).toEqual({
        key: main,
        types: null,
        policy: "block",
        order: "key",
        progress: at(0),
        attempts: [],
        parked: [],
        deadCount: 0,
        head: 0,
        firstKept: 1,
      });
      expect(await storage.subscription(audit)).toBeNull();
    });

    test("[P15] a group's start is stored once", async () => {
      const { storage, reopen } = await suite.open();
      for (const n of range(1, 20)) await append(storage, [byHub(`e${n}`)], 1_000_000 + n * 1_000);
      const make = async (group: string, start: Parameters<Storage["createSubscription"]>[1]["start"]) =>
        (await storage.createSubscription({ ...main, group }, { start, types: ["ready"], policy: "skip" })).progress.cursor;
      const isoAt = new Date(1_000_000 + 15_000).toISOString();
      const starts = [
        await make("a", "start"),
        await make("b", "end"),
        await make("c", { offset: 8 }),
        await make("d", { offset: 800 }),
        await make("e", { at: isoAt }),
      ];
      expect(starts).toEqual([0, 20, 7, 20, 14]);
      expect(await make("b", "start")).toBe(20);
      const now = suite.durable ? await reopen() : storage;
      expect(await now.subscription({ ...main, group: "c" })).toMatchObject({
        types: ["ready"],
        policy: "skip",
        progress: { cursor: 7, offeredTo: 7 },
        head: 20,
      });
    });

    test("[P15] a group's order is given once: by key, or by queue", async () => {
      const { storage, reopen } = await suite.open();
      const ledger = { ...main, group: "ledger" };
      const made = { start: "start", types: null, policy: "block" } as const;
      expect((await storage.createSubscription(ledger, { ...made, order: "queue" })).order).toBe("queue");
      expect((await storage.createSubscription(ledger, { ...made, order: "key" })).order).toBe("queue");
      expect((await storage.createSubscription(audit, made)).order).toBe("key");
      await writeProgress(storage, ledger, { progress: at(0, { ackedTo: 3 }) });
      await storage.setPolicy(ledger, "skip");
      await storage.setTypes(ledger, ["ready"]);
      const now = suite.durable ? await reopen() : storage;
      expect(await now.subscription(ledger)).toMatchObject({ order: "queue", policy: "skip", types: ["ready"], progress: { ackedTo: 3 } });
      expect(await now.subscription(audit)).toMatchObject({ order: "key", progress: { ackedTo: 0 } });
    });

    test("types can be changed, of main as well", async () => {
      const { storage, reopen } = await suite.open();
      await storage.createSubscription(audit, { start: "start", types: null, policy: "block" });
      await storage.setTypes(audit, ["delivered", "returned"]);
      await storage.setTypes(main, ["ready"]);
      const now = suite.durable ? await reopen() : storage;
      expect((await now.subscription(audit))?.types).toEqual(["delivered", "returned"]);
      expect((await now.subscription(main))?.types).toEqual(["ready"]);
      await now.setTypes(main, null);
      expect((await now.subscription(main))?.types).toBeNull();
    });

    test("the policy can be changed, of main as well, and progress leaves it as it is", async () => {
      const { storage, reopen } = await suite.open();
      await storage.createSubscription(audit, { start: "start", types: null, policy: "skip" });
      await storage.setPolicy(audit, "block");
      await storage.setPolicy(main, "skip");
      await append(storage, [byHub("e1")]);
      await writeProgress(storage, main, { progress: at(1) });
      const now = suite.durable ? await reopen() : storage;
      expect(await now.subscription(audit)).toMatchObject({ policy: "block" });
      expect(await now.subscription(main)).toMatchObject({ policy: "skip", progress: { cursor: 1 } });
    });

    test("[P10] progress, attempts, parked offsets and dead letters are one write", async () => {
      const { storage, reopen } = await suite.open();
      await append(
        storage,
        range(1, 30).map((n) => byHub(`e${n}`)),
      );
      const progress = at(20, {
        generation: 2,
        open: [
          [3, 3],
          [7, 9],
        ],
        offeredTo: 25,
        ackedTo: 19,
        paused: true,
      });
      await writeProgress(storage, main, {
        progress,
        attempts: { put: [attempt(9), attempt(3, { stuck: true, alone: true, interrupted: 2 })], remove: [] },
        parked: {
          put: [
            { key: "hot", first: 11, offsets: [11, 13] },
            { key: "hot", first: 15, offsets: [15] },
            { key: "cold", first: 12, offsets: [12] },
          ],
          remove: [],
        },
        dead: { put: [letter(5), letter(4)], remove: [] },
      });
      const now = suite.durable ? await reopen() : storage;
      expect(await now.subscription(main)).toMatchObject({
        progress,
        attempts: [attempt(3, { stuck: true, alone: true, interrupted: 2 }), attempt(9)],
        parked: [
          { key: "hot", first: 11, count: 3 },
          { key: "cold", first: 12, count: 1 },
        ],
        deadCount: 2,
        head: 30,
      });
      expect(await now.parkedChunk(main, "hot", 11)).toEqual({ chunk: { key: "hot", first: 11, offsets: [11, 13] }, next: 15 });
      expect(await now.parkedChunk(main, "hot", 15)).toEqual({ chunk: { key: "hot", first: 15, offsets: [15] }, next: 0 });
      expect(await now.parkedChunk(main, "none", 1)).toEqual({ chunk: null, next: 0 });

      await writeProgress(now, main, {
        progress: at(30),
        attempts: { put: [attempt(9, { failed: 2 })], remove: [3] },
        parked: { put: [{ key: "hot", first: 15, offsets: [15, 16] }], remove: [{ key: "hot", first: 11 }] },
        dead: { put: [], remove: [4] },
      });
      expect(await now.subscription(main)).toMatchObject({
        attempts: [attempt(9, { failed: 2 })],
        parked: [{ key: "cold" }, { key: "hot", first: 15 }],
        deadCount: 1,
      });
    });

    test("dead letters keep their body and history, in pages", async () => {
      const { storage, reopen } = await suite.open();
      await append(
        storage,
        range(1, 10).map((n) => byHub(`e${n}`, { body: `body ${n}` })),
      );
      await writeProgress(storage, main, { progress: at(10), dead: { put: [letter(2), letter(8), letter(5)], remove: [] } });
      const now = suite.durable ? await reopen() : storage;
      const { rows, more } = await now.deadLetters(main, 0, 2);
      expect(rows.map(({ body, ref, ...rest }) => ({ ...rest, text: textOf(body), ref }))).toEqual([
        { ...letter(2), text: "body 2" },
        { ...letter(5), text: "body 5" },
      ]);
      expect(more).toBe(true);
      expect((await now.deadLetters(main, 5, 2)).rows.map(({ offset }) => offset)).toEqual([8]);
    });

    test("[P10] [P2] a write with another epoch rejects, and nothing of its batch is stored", async () => {
      const { storage } = await suite.open();
      const progress = [{ key: main, epoch: storage.info.epoch + 1, write: { ...nothing, progress: at(5) } }];
      const refused = storage.commit({ nowMs: 1, items: [byHub("e1")], progress });
      await expect(refused).rejects.toThrowError(HubError);
      await expect(refused).rejects.toMatchObject({ code: "INTERNAL" });
      expect((await storage.subscription(main))?.progress.cursor).toBe(0);
      expect((await storage.read(tenant, main.queue, 1, { eventsMax: 9, bytesMax: 999 })).head).toBe(0);
    });

    test("[P9] a queue is full when main has left so many unsettled; open and parked ones count, settled ones do not", async () => {
      const { storage } = await suite.open({ queueEventsMax: 10 });
      const [...outcomes] = await append(
        storage,
        range(1, 12).map((n) => byHub(`e${n}`)),
      );
      expect(outcomesOf(outcomes)).toEqual([...range(1, 10).map(() => "stored"), "full", "full"]);
      expect(outcomes[10]).toEqual({ outcome: "full", queue: "store/acme" });
      expect(await append(storage, [byHub("x", { home: "store/b", copies: [{ queue: "store/acme" }] })])).toEqual([
        { outcome: "full", queue: "store/acme" },
      ]);
      await writeProgress(storage, main, {
        progress: at(8, { open: [[2, 3]] }),
        parked: { put: [{ key: "k", first: 5, offsets: [5, 6, 7] }], remove: [] },
      });
      expect(
        outcomesOf(
          await append(
            storage,
            range(13, 16).map((n) => byHub(`e${n}`)),
          ),
        ),
      ).toEqual(["stored", "stored", "stored", "full"]);
      await writeProgress(storage, main, { progress: at(13), parked: { put: [], remove: [{ key: "k", first: 5 }] } });
      expect(
        outcomesOf(
          await append(
            storage,
            range(1, 11).map((n) => byHub(`g${n}`)),
          ),
        ),
      ).toEqual([...range(1, 10).map(() => "stored"), "full"]);
    });

    test("[P16] what has something left to do is listed by queue and group, in pages", async () => {
      const { storage, reopen } = await suite.open();
      for (const n of range(1, 25))
        await append(
          storage,
          range(1, 4).map((i) => byHub(`e${n}-${i}`, { home: `store/s${i}`, copies: i === 1 ? [{ queue: "zone/z" }] : [] })),
        );
      const keyOf = (queue: string, group = "main") => ({ tenant, queue, group });
      await storage.createSubscription(keyOf("store/s1", "audit"), { start: { offset: 5 }, types: null, policy: "skip" });
      await storage.createSubscription(keyOf("store/s1", "done"), { start: "end", types: null, policy: "skip" });
      await writeProgress(storage, keyOf("store/s2"), { progress: at(25) });
      await writeProgress(storage, keyOf("store/s3"), { progress: at(25), dead: { put: [letter(2)], remove: [] } });
      await writeProgress(storage, keyOf("store/s4"), {
        progress: at(25, { open: [[7, 7]] }),
        attempts: { put: [attempt(7, { stuck: true })], remove: [] },
      });
      const now = suite.durable ? await reopen() : storage;
      const expected = [
        { key: keyOf("store/s1", "audit"), floor: 4, head: 25, pending: 21, stuck: 0, dead: 0 },
        { key: keyOf("store/s1"), floor: 0, head: 25, pending: 25, stuck: 0, dead: 0 },
        { key: keyOf("store/s3"), floor: 25, head: 25, pending: 0, stuck: 0, dead: 1 },
        { key: keyOf("store/s4"), floor: 6, head: 25, pending: 1, stuck: 1, dead: 0 },
        { key: keyOf("zone/z"), floor: 0, head: 25, pending: 25, stuck: 0, dead: 0 },
      ];
      expect(await now.subscriptions(tenant, null, 100)).toEqual({ rows: expected, more: false });
      expect(await now.subscriptions(tenant, null, 2)).toEqual({ rows: expected.slice(0, 2), more: true });
      expect(await now.subscriptions(tenant, { queue: "store/s1", group: "main" }, 3)).toEqual({ rows: expected.slice(2), more: false });
      expect(await now.subscriptions("other", null, 3)).toEqual({ rows: [], more: false });
    });
  });
}
