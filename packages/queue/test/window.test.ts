import { describe, expect, test } from "vitest";
import { stateOf } from "../src/engine.ts";
import type { EngineEffect, Entry } from "../src/index.ts";
import { Desk, delivered, entry, only, settledOffsets } from "./desk.ts";

const many = (count: number, key: (offset: number) => string): Entry[] =>
  Array.from({ length: count }, (_, index) => entry(index + 1, key(index + 1)));

/** Acks whatever it is offered, until nothing comes any more. */
function drain(desk: Desk, consumer: number): number[] {
  const settled: number[] = [];
  for (let offsets = delivered(desk.effects, consumer); offsets.length > 0; offsets = delivered(desk.effects, consumer)) {
    settled.push(...settledOffsets(desk.ack(consumer, ...offsets)));
  }
  return settled;
}

describe("window", () => {
  test("[W1] no more events and bytes than the window holds", () => {
    const desk = new Desk({ windowEventsMax: 8 });
    desk.backlog(...many(50, (offset) => `p${offset % 3}`));
    desk.seat(1, { events: 4 });
    expect(desk.engine.view().windowEvents).toBeLessThanOrEqual(8);
    expect(drain(desk, 1)).toHaveLength(50);
    const narrow = new Desk({ windowBytesMax: 350 });
    narrow.backlog(...many(9, (offset) => `p${offset}`));
    narrow.seat(1);
    expect(narrow.engine.view().windowBytes).toBe(300);
  });

  test("[W1] an event larger than the window comes alone", () => {
    const desk = new Desk({ windowBytesMax: 350 });
    desk.backlog(entry(1), entry(2, "p2", { bytes: 5_000 }), entry(3, "p3"));
    expect(delivered(desk.seat(1, { bytes: 100_000 }))).toEqual([1]);
    expect(delivered(desk.ack(1, 1))).toEqual([2]);
    expect(delivered(desk.ack(1, 2))).toEqual([3]);
  });

  test("[W1] a key is let go: with all others when no event is left; while one is left, a few of them stay, however many came by", () => {
    const desk = new Desk();
    const keys = () => stateOf(desk.engine).window.lanes.size;
    desk.seat(1, { events: 100 });
    desk.publish(entry(1, "first"), entry(2, "other"));
    desk.ack(1, 2);
    for (let offset = 3; offset <= 1_000; offset += 1) {
      desk.publish(entry(offset, `p${offset}`));
      desk.ack(1, offset);
      expect(keys()).toBeLessThan(70);
    }
    expect(keys()).toBeGreaterThan(0);
    desk.ack(1, 1);
    expect(keys()).toBe(0);
  });

  test("[O1] a key that was empty a while, and others with it, keeps its order when it comes again", () => {
    const desk = new Desk();
    desk.seat(1, { mode: "plain", events: 100 });
    desk.publish(entry(1, "stays"), entry(2, "again"));
    desk.ack(1, 2);
    expect(delivered(desk.publish(entry(3, "again"), entry(4, "again")))).toEqual([3]);
    expect(delivered(desk.ack(1, 3))).toEqual([4]);
  });

  test("[W2] history is read when a consumer has room, once at a time, and not without one", () => {
    const desk = new Desk();
    desk.backlog(...many(9, (offset) => `p${offset}`));
    expect(desk.run({ type: "tick" })).toEqual([]);
    expect(only(desk.seat(1, { events: 0 }), "read")).toEqual([]);
    const reads = only(desk.run({ type: "credit", consumer: 1, credit: { events: 4, bytes: 10_000 } }), "read");
    expect(reads).toEqual([{ type: "read", from: 1, eventsMax: 9, bytesMax: 100_000 }]);
  });

  test("[W2] what comes next is read while consumers work on what they have, a read ahead and no more", () => {
    const desk = new Desk({ windowEventsMax: 16 });
    desk.backlog(...many(40, (offset) => `p${offset}`));
    const reads = (effects: readonly EngineEffect[]) => only(effects, "read").map(({ from, eventsMax }) => ({ from, eventsMax }));
    // 16 are in memory, of which 2 are in hand: nothing is low.
    expect(reads(desk.seat(1, { events: 2 }))).toEqual([{ from: 1, eventsMax: 16 }]);
    expect(desk.engine.view()).toMatchObject({ cursor: 16, inHand: 2 });
    for (let offset = 1; offset <= 10; offset++) expect(reads(desk.ack(1, offset))).toEqual([]);
    // 17 is not wanted yet: 4 wait, and one of them is offered for the one that is acked.
    expect(reads(desk.ack(1, 11))).toEqual([{ from: 17, eventsMax: 11 }]);
    expect(desk.engine.view()).toMatchObject({ cursor: 27, inHand: 2 });
    // Who stops working is not read for.
    expect(reads(desk.run({ type: "tick" }))).toEqual([]);
  });

  test("[W2] without a consumer nothing is read after a restart, and no second read is asked for before the answer to the first", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"));
    desk.restart();
    expect(desk.run({ type: "tick" })).toEqual([]);
    const out: Parameters<typeof desk.engine.apply>[2] = [];
    const seat = { type: "subscribe", instance: "", by: "ann", mode: "frames", credit: { events: 5, bytes: 5_000 } } as const;
    desk.engine.apply([{ ...seat, consumer: 2 }], { nowMs: 0, chance: 0 }, out);
    desk.engine.apply([{ ...seat, consumer: 3 }], { nowMs: 0, chance: 0 }, out);
    expect(only(out, "read")).toHaveLength(1);
  });

  test("[W3] new events are taken as they come when they join on, and read later when not", () => {
    const desk = new Desk();
    desk.seat(1);
    expect(only(desk.publish(entry(1)), "read")).toEqual([]);
    const late = new Desk({ windowEventsMax: 2 });
    late.seat(1, { events: 1 });
    late.publish(entry(1), entry(2), entry(3), entry(4));
    expect(late.engine.view()).toMatchObject({ cursor: 2, head: 4, pending: 4 });
    expect(drain(late, 1)).toEqual([1, 2, 3, 4]);
  });

  test("[W4] [W5] [W6] a hot key that is blocked is parked, the others go on, and its order is kept", () => {
    const desk = new Desk({ windowEventsMax: 16, keyWaitingMax: 4 });
    desk.backlog(...many(200, (offset) => (offset % 10 === 0 ? `cold${offset}` : "hot")));
    desk.seat(1, { events: 4 });
    const others = delivered(desk.effects).filter((offset) => offset % 10 === 0);
    const hot = delivered(desk.effects).filter((offset) => offset % 10 !== 0);
    expect(hot[0]).toBe(1);
    others.push(...delivered(desk.nack(1, 1, { delayMs: 60_000 })));
    for (const offset of others) others.push(...delivered(desk.ack(1, offset)));
    expect(others).toEqual(Array.from({ length: 20 }, (_, index) => (index + 1) * 10));
    expect(desk.engine.view()).toMatchObject({ cursor: 200, parkedKeys: 1, pending: 180 });
    desk.after(60_000);
    expect(drain(desk, 1)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1).filter((offset) => offset % 10 !== 0));
    expect(desk.durable.chunks.size).toBe(0);
  });

  test("[W4] 100 stuck parcels do not stop the others", () => {
    const desk = new Desk({ windowEventsMax: 32, failedMax: 1 });
    desk.backlog(...many(400, (offset) => (offset <= 300 ? `bad${offset % 100}` : `good${offset}`)));
    desk.seat(1);
    const good: number[] = [];
    for (let offsets = delivered(desk.effects); offsets.length > 0; offsets = delivered(desk.effects)) {
      const bad = offsets.filter((offset) => offset <= 300);
      good.push(...offsets.filter((offset) => offset > 300));
      const rejects = bad.map((offset) => ({ token: desk.token(1, offset) }));
      desk.settle(1, {
        acks: desk.ranges(
          1,
          offsets.filter((offset) => offset > 300),
        ),
        rejects,
      });
    }
    expect(good).toHaveLength(100);
    expect(desk.engine.view()).toMatchObject({ pending: 300, cursor: 400 });
    expect(desk.engine.view().stuckKeys).toHaveLength(100);
  });

  test("[W4] a hot key with 90 % of the events does not keep a second consumer from the rest", () => {
    const desk = new Desk({ windowEventsMax: 20, keyWaitingMax: 4 });
    desk.backlog(...many(300, (offset) => (offset % 10 === 0 ? `cold${offset}` : "hot")));
    desk.seat(1, { events: 2 });
    const first = delivered(desk.effects);
    desk.seat(2, { events: 3 });
    const cold = [...first, ...drain(desk, 2)].filter((offset) => offset % 10 === 0);
    expect(cold).toHaveLength(30);
  });

  test("[W6] a chunk is not asked for before its commit", () => {
    const desk = new Desk({ windowEventsMax: 4, keyWaitingMax: 1 });
    desk.backlog(...many(8, () => "hot"));
    desk.seat(2, { events: 1 });
    desk.autoCommit = false;
    desk.seat(1, { events: 1 });
    expect(desk.engine.view().parkedKeys).toBe(1);
    for (const offset of [1, 2]) expect(only(desk.ackAny(offset), "read-parked")).toEqual([]);
    const asked = [];
    while (desk.commits.length > 0) asked.push(...only(desk.commit(), "read-parked"));
    // The storage would have thrown if it had been asked for what it does not have.
    expect(asked).toMatchObject([{ key: "hot" }]);
  });
});

test("[W7] while so many keys are parked nothing new is read, however it comes; those that can go on do, and reading goes on behind them", () => {
  const desk = new Desk({ windowEventsMax: 4, parkedKeysMax: 6 });
  desk.seat(1, { events: 10 });
  const delayed = (offset: number) => entry(offset, `p${offset}`, { notBeforeMs: offset * 1_000 });
  for (let offset = 1; offset <= 40; offset++) desk.publish(delayed(offset));
  const kept = desk.engine.view();
  expect(kept.parkedKeys).toBeGreaterThanOrEqual(6);
  // What the window holds comes on top.
  expect(kept.cursor).toBeLessThanOrEqual(6 + 4 + 4);
  const settled: number[] = [];
  for (let second = 1; second <= 80; second++) {
    desk.nowMs = second * 1_000;
    const effects = desk.run({ type: "tick" });
    // More come meanwhile.
    if (second <= 40) effects.push(...desk.publish(delayed(40 + second)));
    for (const offset of delivered(effects)) {
      settled.push(offset);
      desk.ackAny(offset);
    }
    expect(desk.engine.view().parkedKeys).toBeLessThanOrEqual(6 + 4);
  }
  expect(settled).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
});

test("[W6] a chunk of a blocked key is not asked for", () => {
  const desk = new Desk({ windowEventsMax: 8, keyWaitingMax: 4 });
  desk.backlog(...many(20, () => "hot"));
  desk.autoCommit = false;
  desk.seat(1, { mode: "plain" });
  expect(desk.engine.view()).toMatchObject({ parkedKeys: 1, windowEvents: 5 });
  desk.ack(1, 1);
  desk.ack(1, 2);
  desk.ack(1, 3);
  desk.ack(1, 4);
  desk.nack(1, 5, { delayMs: 500 });
  const asked = [];
  while (desk.commits.length > 0) asked.push(...only(desk.commit(), "read-parked"));
  expect(asked).toEqual([]);
  expect(desk.engine.view()).toMatchObject({ waitingRetry: 1, windowEvents: 1 });
  desk.autoCommit = true;
  expect(only(desk.after(500), "read-parked")[0]).toMatchObject({ key: "hot", first: 6 });
});

describe("progress", () => {
  test("[P1] all up to the cursor is settled but what is open", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(...many(9, (offset) => `p${offset}`));
    desk.ack(1, 2, 3, 4, 8);
    expect(desk.durable.progress).toMatchObject({
      cursor: 9,
      open: [
        [1, 1],
        [5, 7],
        [9, 9],
      ],
    });
    expect(desk.engine.view().floor).toBe(0);
    desk.ack(1, 1);
    expect(desk.engine.view().floor).toBe(4);
  });

  test("[P2] one commit under way; what is not urgent waits for the next", () => {
    const desk = new Desk();
    desk.autoCommit = false;
    desk.seat(1);
    desk.publish(entry(1), entry(2), entry(3, "p3"), entry(4, "p4"));
    expect(only(desk.ack(1, 4), "commit")).toMatchObject([{ commit: 1, urgent: false }]);
    expect(only(desk.ack(1, 1), "commit")).toEqual([]);
    expect(only(desk.nack(1, 2, { delayMs: 0 }), "commit")).toMatchObject([{ commit: 2, urgent: true }]);
    expect(only(desk.nack(1, 3, { delayMs: 0 }), "commit")).toEqual([]);
    expect(only(desk.commit(), "commit")).toEqual([]);
    expect(only(desk.commit(), "commit")).toMatchObject([{ commit: 3, urgent: true }]);
    expect(() => desk.run({ type: "committed", commit: 9 })).toThrow("commit 9 was answered");
  });

  test("[P3] what changed several times is written once, as it is now", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"));
    desk.autoCommit = false;
    desk.nack(1, 1, { delayMs: 0 });
    desk.nack(1, 2, { delayMs: 0 });
    desk.run({ type: "retry-key", key: "p2" });
    desk.run({ type: "credit", consumer: 1, credit: { events: 0, bytes: 0 } });
    const [commit] = only(desk.commit(), "commit");
    expect(commit?.write.attempts).toMatchObject({ put: [{ offset: 2, failed: 1 }], remove: [] });
    expect(only(desk.commit(), "commit")).toEqual([]);
  });

  test("[P7] ackedTo follows acks in the same write as the cursor, and nothing else", () => {
    const desk = new Desk({ order: "queue", types: ["pickup"], policy: "skip", failedMax: 1 });
    desk.seat(1);
    desk.publish(entry(1), entry(2), entry(3, "p2", { type: "ready" }), entry(4, "p3"));
    desk.ack(1, 1);
    expect(desk.durable.progress).toMatchObject({ ackedTo: 1, cursor: 4 });
    desk.nack(1, 2);
    expect([...desk.durable.dead.keys()]).toEqual([2]);
    expect(desk.durable.progress.ackedTo).toBe(1);
    desk.ack(1, 4);
    expect(desk.durable.progress.ackedTo).toBe(4);
    desk.run({ type: "redrive", entry: entry(2), redrive: 1 });
    desk.ack(1, 2);
    expect(desk.durable.dead.size).toBe(0);
    expect(desk.durable.progress.ackedTo).toBe(4);
  });

  test("[P4] no offer waits for offeredTo", () => {
    const desk = new Desk();
    desk.autoCommit = false;
    desk.seat(1);
    expect(delivered(desk.publish(entry(1)))).toEqual([1]);
    expect(only(desk.run({ type: "write" }), "commit")).toMatchObject([{ urgent: false, write: { progress: { offeredTo: 1 } } }]);
    expect(delivered(desk.publish(entry(2, "p2")))).toEqual([2]);
    desk.ack(1, 2);
    expect(only(desk.commit(), "commit")).toMatchObject([{ write: { progress: { offeredTo: 2 } } }]);
  });

  test("[P4] what was only taken and offered makes no commit of its own, and is told once for each write", () => {
    const desk = new Desk();
    desk.autoCommit = false;
    desk.seat(1);
    expect(desk.engine.hasUnwritten()).toBe(false);
    expect(desk.publish(entry(1)).map(({ type }) => type)).toEqual(["deliver", "unwritten", "wake"]);
    expect(desk.engine.hasUnwritten()).toBe(true);
    expect(desk.publish(entry(2, "p2")).map(({ type }) => type)).toEqual(["deliver"]);
    expect(only(desk.ack(1, 1), "commit")).toMatchObject([
      { write: { progress: { cursor: 2, open: [[2, 2]], offeredTo: 2, ackedTo: 1 } } },
    ]);
    expect([desk.engine.hasUnwritten(), desk.run({ type: "write" })]).toEqual([false, []]);
    desk.commit();
    expect(desk.publish(entry(3, "p3")).map(({ type }) => type)).toEqual(["deliver", "unwritten"]);
  });

  test("[P4] what was only read and offered waits as well, and a write that is asked for meanwhile goes when the one before it is stored", () => {
    const desk = new Desk();
    desk.backlog(entry(1), entry(2, "p2"));
    desk.autoCommit = false;
    expect(only(desk.seat(1), "commit")).toEqual([]);
    desk.ack(1, 1);
    desk.publish(entry(3, "p3"));
    expect(desk.engine.hasUnwritten()).toBe(true);
    expect(only(desk.run({ type: "write" }), "commit")).toEqual([]);
    expect(only(desk.commit(), "commit")).toMatchObject([{ write: { progress: { cursor: 3, offeredTo: 3 } } }]);
  });

  test("[P2] an answer that nothing comes of is taken without a turn, once; one that something waits for is left to be told", () => {
    const desk = new Desk();
    desk.autoCommit = false;
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"));
    expect(only(desk.ack(1, 1), "commit")).toMatchObject([{ commit: 1 }]);
    expect([desk.engine.landSilently(1), desk.engine.landSilently(1)]).toEqual([true, false]);
    expect(only(desk.ack(1, 2), "commit")).toMatchObject([{ commit: 2, write: { progress: { cursor: 2, ackedTo: 2 } } }]);
    desk.publish(entry(3, "p3"));
    expect(only(desk.ack(1, 3), "commit")).toEqual([]);
    expect(desk.engine.landSilently(2)).toBe(false);
  });

  test("[P5] cursor and chunk are in one write, and so are a chunk's end and its events", () => {
    const desk = new Desk({ windowEventsMax: 4, keyWaitingMax: 1 });
    desk.backlog(...many(8, () => "hot"));
    desk.seat(2, { events: 1 });
    desk.seat(1, { events: 1 });
    for (let offset = 1; offset <= 8; offset++) {
      for (const { write } of only(desk.ackAny(offset), "commit")) {
        const { cursor, open } = write.progress;
        expect(Math.max(0, ...open.flat())).toBeLessThanOrEqual(cursor);
        const parked = write.parked.put.flatMap(({ offsets }) => offsets);
        expect(parked.filter((at) => at > cursor || open.some(([from, to]) => from <= at && at <= to))).toEqual([]);
      }
      // The storage by itself knows all that is left at this moment.
      expect([...desk.durable.unsettled()].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].filter((at) => at > offset));
    }
    expect(desk.durable.unsettled().size).toBe(0);
  });

  test("[P6] the row of an event in hand alone has the interruption that a death would be, and not when it is over", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.run({ type: "disconnect", consumer: 1 });
    expect(desk.durable.attempts.size).toBe(0);
    desk.seat(2);
    expect(desk.durable.attempts.get(1)).toMatchObject({
      interrupted: 1,
      alone: true,
      notes: [{ by: "vendor-2", reason: "the hub ended" }],
    });
    desk.run({ type: "withdraw", consumer: 2 });
    expect(desk.durable.attempts.size).toBe(0);
  });
});

describe("gaps", () => {
  test("[G1] history that was trimmed before it was read is told and passed over", () => {
    const desk = new Desk();
    desk.backlog(...many(9, (offset) => `p${offset}`));
    desk.durable.trimmedTo = 6;
    const effects = desk.seat(1);
    expect(only(effects, "gap")).toEqual([{ type: "gap", from: 1, to: 6 }]);
    expect(delivered(effects)).toEqual([7, 8, 9]);
  });

  test("[G1] so are holes, open offsets and parked ones", () => {
    const desk = new Desk({ windowEventsMax: 4, keyWaitingMax: 1 });
    desk.backlog(...many(8, () => "hot"));
    desk.seat(2, { events: 1 });
    desk.seat(1, { events: 1 });
    expect(desk.engine.view().parkedKeys).toBe(1);
    desk.durable.trimmedTo = 5;
    desk.restart();
    desk.seat(3);
    const gone = new Set<number>();
    for (let round = 0; round < 10 && desk.engine.view().pending > 0; round++) {
      for (const { from, to } of only(desk.effects, "gap")) for (let offset = from; offset <= to; offset++) gone.add(offset);
      desk.ack(3, ...delivered(desk.effects));
    }
    expect([...gone].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(desk.durable.unsettled().size).toBe(0);
  });
});
