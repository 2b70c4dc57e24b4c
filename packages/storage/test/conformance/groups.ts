/** Groups as such: set back, deleted, and how many there may be. */
import { limits } from "@waybill/events";
import type { Progress } from "@waybill/queue";
import { describe, expect, test } from "vitest";
import type { Storage, SubscriptionKey } from "../../src/port.ts";
import type { Suite } from "./harness.ts";
import { append, attempt, audit, byHub, letter, main, nothing, range, tenant, writeProgress } from "./items.ts";

const made = { start: "start", types: ["ready"], policy: "skip", order: "queue" } as const;

const busy: Progress = { generation: 3, cursor: 20, open: [[7, 9]], offeredTo: 25, ackedTo: 19, paused: true };

/** Settled up to 20, but for three that are open and three that are parked; two dead letters, one of them sent again. */
async function fill(storage: Storage, key: SubscriptionKey): Promise<void> {
  await writeProgress(storage, key, {
    progress: busy,
    attempts: { put: [attempt(5, { redrive: 1 }), attempt(8, { stuck: true }), attempt(16, { redrive: 2 })], remove: [] },
    parked: {
      put: [
        { key: "hot", first: 11, offsets: [11, 13] },
        { key: "cold", first: 18, offsets: [18] },
      ],
      remove: [],
    },
    dead: { put: [letter(5, { redrive: 0 }), letter(16, { redrive: 0 })], remove: [] },
  });
}

export function groupSuite(suite: Suite): void {
  const queueOf30 = async () => {
    const opened = await suite.open();
    await append(
      opened.storage,
      range(1, 30).map((n) => byHub(`e${n}`)),
    );
    return opened;
  };

  describe("groups", () => {
    test.each([
      ["main", main],
      ["audit", audit],
    ])("[P22] a reset of %s leaves nothing of before but letters and redrives below it, and what it was made with", async (_name, key) => {
      const { storage, reopen } = await queueOf30();
      if (key === audit) await storage.createSubscription(key, made);
      await fill(storage, key);
      await storage.resetSubscription(key, storage.info.epoch, { generation: 4, cursor: 9, ackedTo: 9, lettersFrom: 10 });
      const now = suite.durable ? await reopen() : storage;
      expect(await now.subscription(key)).toMatchObject({
        ...(key === audit ? { types: ["ready"], policy: "skip", order: "queue" } : {}),
        progress: { generation: 4, cursor: 9, open: [], offeredTo: 9, ackedTo: 9, paused: true },
        attempts: [{ offset: 5, redrive: 1 }],
        parked: [],
        deadCount: 1,
      });
      expect((await now.deadLetters(key, 0, 10)).rows.map(({ offset }) => offset)).toEqual([5]);
      expect(await now.countKept(key, { from: 1, to: 30 })).toEqual({ parked: 0, letters: 1 });
    });

    test("[P22] main can be reset before its first write, and then fills its queue anew", async () => {
      const { storage } = await suite.open({ queueEventsMax: 4 });
      await append(
        storage,
        range(1, 4).map((n) => byHub(`e${n}`)),
      );
      await storage.resetSubscription(main, storage.info.epoch, { generation: 2, cursor: 4, ackedTo: 0, lettersFrom: 5 });
      expect((await append(storage, [byHub("e5")]))[0]?.outcome).toBe("stored");
      await storage.resetSubscription(main, storage.info.epoch, { generation: 3, cursor: 0, ackedTo: 0, lettersFrom: 1 });
      expect((await append(storage, [byHub("e6")]))[0]).toEqual({ outcome: "full", queue: "store/acme" });
    });

    test("[P22] only the owner resets, and only what there is", async () => {
      const { storage } = await queueOf30();
      const write = { generation: 2, cursor: 0, ackedTo: 0, lettersFrom: 1 };
      await expect(storage.resetSubscription(main, storage.info.epoch + 1, write)).rejects.toMatchObject({ code: "INTERNAL" });
      expect((await storage.subscription(main))?.progress.generation).toBe(1);
      await expect(storage.resetSubscription(audit, storage.info.epoch, write)).rejects.toMatchObject({ code: "UNKNOWN_GROUP" });
      expect(await storage.subscription(audit)).toBeNull();
    });

    test("[P22] it is behind what was handed over before, and before what comes after", async () => {
      const { storage } = await queueOf30();
      await Promise.all([
        writeProgress(storage, main, { progress: { ...busy, cursor: 12, open: [] } }),
        storage.resetSubscription(main, storage.info.epoch, { generation: 4, cursor: 2, ackedTo: 2, lettersFrom: 3 }),
        storage.setPolicy(main, "skip"),
      ]);
      expect(await storage.subscription(main)).toMatchObject({ policy: "skip", progress: { generation: 4, cursor: 2, open: [] } });
    });

    test("what is parked and dead is counted by offsets", async () => {
      const { storage } = await queueOf30();
      expect(await storage.countKept(main, { from: 1, to: 30 })).toEqual({ parked: 0, letters: 0 });
      await fill(storage, main);
      expect(await storage.countKept(main, { from: 1, to: 30 })).toEqual({ parked: 3, letters: 2 });
      expect(await storage.countKept(main, { from: 13, to: 16 })).toEqual({ parked: 1, letters: 1 });
      expect(await storage.countKept(main, { from: 14, to: 15 })).toEqual({ parked: 0, letters: 0 });
      expect(await storage.countKept(main, { from: 18, to: 12 })).toEqual({ parked: 0, letters: 0 });
    });

    test("[P23] a deleted group is gone with all that belongs to it, and its reader's last words do not bring it back", async () => {
      const { storage, reopen } = await queueOf30();
      await storage.createSubscription(audit, made);
      await fill(storage, audit);
      await fill(storage, main);
      expect(await storage.deleteSubscription(audit)).toBe(true);
      await writeProgress(storage, audit, { ...nothing, attempts: { put: [attempt(3)], remove: [] } });
      await storage.setTypes(audit, ["pickup"]);
      await storage.setPolicy(audit, "block");
      const now = suite.durable ? await reopen() : storage;
      expect(await now.subscription(audit)).toBeNull();
      expect(await now.groups(tenant, "store/acme")).toEqual(["main"]);
      expect(await now.countKept(audit, { from: 1, to: 30 })).toEqual({ parked: 0, letters: 0 });
      expect(await now.subscription(main)).toMatchObject({ progress: busy, deadCount: 2 });
      expect(await now.deleteSubscription(audit)).toBe(false);
    });

    test("[P23] a group that is made anew has a generation that its name never had", async () => {
      const { storage, reopen } = await queueOf30();
      await storage.createSubscription(audit, made);
      await fill(storage, audit);
      await storage.deleteSubscription(audit);
      const now = suite.durable ? await reopen() : storage;
      const anew = await now.createSubscription(audit, { start: { offset: 5 }, types: null, policy: "block" });
      expect(anew).toMatchObject({ types: null, order: "key", attempts: [], deadCount: 0, progress: { cursor: 4 } });
      expect(anew.progress.generation).toBeGreaterThan(busy.generation);
    });

    test("[P23] main is never deleted", async () => {
      const { storage } = await queueOf30();
      await expect(storage.deleteSubscription(main)).rejects.toMatchObject({ code: "INTERNAL" });
      expect((await storage.subscription(main))?.head).toBe(30);
    });

    test("[P15] a queue has so many groups and no more, main among them; one that is deleted makes room", async () => {
      const { storage } = await queueOf30();
      const make = (n: number) => storage.createSubscription({ ...main, group: `g${n}` }, { start: "end", types: null, policy: "block" });
      await Promise.all(range(2, limits.groupsPerQueueMax).map(make));
      await expect(make(99)).rejects.toMatchObject({ code: "TOO_MANY_GROUPS" });
      expect((await storage.groups(tenant, "store/acme")).length).toBe(limits.groupsPerQueueMax);
      expect((await make(2)).key.group).toBe("g2");
      await storage.setPolicy(main, "skip");
      await storage.createSubscription({ ...main, queue: "store/other", group: "g99" }, { start: "end", types: null, policy: "block" });
      await storage.deleteSubscription({ ...main, group: "g7" });
      expect((await make(99)).key.group).toBe("g99");
    });
  });
}
