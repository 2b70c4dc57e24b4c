import { describe, expect, test } from "vitest";
import { Desk, delivered, entry, settledOffsets } from "./desk.ts";

const why = (desk: Desk, offset: number, key = "p1", type = "pickup") => desk.engine.explain({ offset, key, type }, desk.nowMs);
const reason = (desk: Desk, offset: number, key = "p1") => why(desk, offset, key).reason;

describe("first in the way", () => {
  test("[E1] an event behind another one of its key has that one's reason; other keys have their own", () => {
    const desk = new Desk();
    desk.seat(1, { events: 2 });
    desk.publish(entry(1), entry(2, "p2"), entry(3), entry(4));
    desk.reject(1, 1);
    const stuck = { first: 1, redrive: 0, reason: { because: "stuck", failed: 1, interrupted: 0 } };
    expect([why(desk, 1), why(desk, 3), why(desk, 4)]).toEqual([stuck, stuck, stuck]);
    expect(why(desk, 2, "p2")).toMatchObject({ first: 2, reason: { because: "in-hand" } });
  });

  test("[E1] also when nobody has loaded any of it", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    desk.reject(1, 1);
    desk.publish(entry(3));
    desk.restart();
    expect(why(desk, 3)).toMatchObject({ first: 1, reason: { because: "stuck" } });
    expect(why(desk, 1)).toMatchObject({ first: 1, reason: { because: "stuck" } });
  });

  test("[E1] in a queue of one key, whatever the parcels are", () => {
    const desk = new Desk({ order: "queue" });
    desk.seat(1);
    desk.publish(entry(1, "p1"), entry(2, "p2"));
    desk.reject(1, 1);
    expect(why(desk, 2, "p2")).toMatchObject({ first: 1, reason: { because: "stuck" } });
  });

  test("[E1] without its key, an event is found by its offset", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    desk.reject(1, 1);
    expect(desk.engine.explain({ offset: 2 }, 0)).toMatchObject({ first: 1 });
  });
});

describe("what the event itself is", () => {
  test("[E2] ahead of the head, settled, unwanted", () => {
    const desk = new Desk({ types: ["pickup"] });
    desk.seat(1);
    desk.publish(entry(1));
    desk.ack(1, 1);
    expect(reason(desk, 2)).toEqual({ because: "ahead", head: 1 });
    expect(reason(desk, 1)).toEqual({ because: "settled" });
    desk.run({ type: "pause", paused: true });
    desk.publish(entry(2, "p1", { type: "message" }));
    expect(why(desk, 2, "p1", "message").reason).toEqual({ because: "unwanted" });
  });

  test("[E2] in hand: of whom, until when, started, alone, and acked before its turn", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    desk.settle(1, { started: desk.ranges(1, [1]) });
    desk.ack(1, 2);
    const inHand = { because: "in-hand", by: "vendor-1", untilMs: 1_000, started: true, alone: false, answered: false };
    expect(reason(desk, 1)).toEqual(inHand);
    expect(why(desk, 2)).toEqual({ first: 2, redrive: 0, reason: { ...inHand, started: false, answered: true } });
    desk.after(300);
    desk.settle(1, { extends: desk.ranges(1, [1]) });
    expect(reason(desk, 1)).toMatchObject({ untilMs: 1_300 });
    desk.run({ type: "disconnect", consumer: 1 });
    desk.seat(2);
    expect(reason(desk, 1)).toMatchObject({ by: "vendor-2", alone: true });
  });

  test("[E2] waiting for a commit, then resting until its time, then offered", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.autoCommit = false;
    desk.nack(1, 1, { delayMs: 500 });
    expect(reason(desk, 1)).toEqual({ because: "saving" });
    desk.commit();
    expect(reason(desk, 1)).toEqual({ because: "resting", dueMs: 500, failed: 1, interrupted: 0 });
    desk.autoCommit = true;
    desk.after(500);
    expect(reason(desk, 1)).toMatchObject({ because: "in-hand" });
  });

  test("[E2] a back-off that nobody has loaded is known by its row", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    desk.nack(1, 1, { delayMs: 500 });
    desk.restart();
    expect(why(desk, 2)).toEqual({ first: 1, redrive: 0, reason: { because: "resting", dueMs: 500, failed: 1, interrupted: 0 } });
  });

  test("[E2] about to be buried, then settled", () => {
    const desk = new Desk({ policy: "skip" });
    desk.seat(1);
    desk.publish(entry(1));
    desk.autoCommit = false;
    desk.reject(1, 1);
    expect(reason(desk, 1)).toEqual({ because: "saving" });
    desk.commit();
    expect(reason(desk, 1)).toEqual({ because: "settled" });
  });
});

describe("what holds the subscription", () => {
  test("[E3] it is paused, or nobody reads it, with events in memory or not", () => {
    const desk = new Desk();
    desk.backlog(entry(1));
    expect(reason(desk, 1)).toEqual({ because: "no-consumer" });
    desk.seat(1);
    desk.run({ type: "withdraw", consumer: 1 });
    expect(reason(desk, 1)).toEqual({ because: "no-consumer" });
    desk.run({ type: "pause", paused: true });
    expect(reason(desk, 1)).toEqual({ because: "paused" });
  });
});

describe("hands", () => {
  test("[E4] no credit is left, in events, in bytes, or at all", () => {
    const desk = new Desk();
    desk.seat(1, { events: 1, bytes: 10_000 });
    desk.publish(entry(1), entry(2, "p2"));
    expect(reason(desk, 2, "p2")).toEqual({ because: "no-credit", consumers: 1, inHand: 1 });
    desk.run({ type: "credit", consumer: 1, credit: { events: 5, bytes: 150 } });
    expect(reason(desk, 2, "p2")).toMatchObject({ because: "no-credit" });
    desk.run({ type: "credit", consumer: 1, credit: { events: 5, bytes: 1_000 } });
    expect(reason(desk, 2, "p2")).toMatchObject({ because: "in-hand" });
  });

  test("[E4] what was not read waits for hands as well", () => {
    const desk = new Desk({ windowEventsMax: 4 });
    desk.backlog(...Array.from({ length: 6 }, (_, index) => entry(index + 1, `p${index + 1}`)));
    desk.seat(1, { events: 1 });
    expect(reason(desk, 6, "p6")).toEqual({ because: "no-credit", consumers: 1, inHand: 1 });
  });

  test("[E4] a suspect waits for an empty hand; who has it alone gets no other", () => {
    const desk = new Desk();
    desk.seat(1, { events: 1 });
    desk.seat(2, { events: 1 });
    desk.publish(entry(1), entry(2, "p2"), entry(3, "p3"));
    const holder = why(desk, 1).reason;
    if (holder.because !== "in-hand") throw new Error("Event 1 is in hand.");
    const [dead, alive] = holder.by === "vendor-1" ? [1, 2] : [2, 1];
    desk.run({ type: "disconnect", consumer: dead });
    expect(reason(desk, 1)).toEqual({ because: "suspect" });
    desk.ack(alive, 2);
    expect(reason(desk, 1)).toMatchObject({ because: "in-hand", alone: true });
    expect(reason(desk, 3, "p3")).toEqual({ because: "alone", offset: 1 });
  });

  test("[E4] in a pool, whoever could take it has passed; then it rests", () => {
    const desk = new Desk({ order: "none" });
    desk.seat(1, { events: 1 });
    desk.seat(2, { events: 1 });
    desk.publish(entry(1, "p1"), entry(2, "p2"));
    const holder = desk.tokens.has("1/1") ? 1 : 2;
    desk.settle(holder, { withdraws: desk.ranges(holder, [1]) });
    expect(reason(desk, 1)).toEqual({ because: "passed", untilMs: 1_000 });
    desk.settle(3 - holder, { withdraws: desk.ranges(3 - holder, [2]) });
    const offered = delivered(desk.effects);
    for (const offset of offered) {
      const consumer = desk.tokens.has(`${holder}/${offset}`) && offset === 2 ? holder : 3 - holder;
      desk.settle(consumer, { withdraws: desk.ranges(consumer, [offset]) });
    }
    expect(reason(desk, 1, "p1")).toMatchObject({ because: "resting", failed: 0 });
  });
});

describe("what is not in memory", () => {
  test("[E5] not read yet, although there are hands for it", () => {
    const desk = new Desk({ windowEventsMax: 4, keyWaitingMax: 4 });
    desk.backlog(...Array.from({ length: 6 }, (_, index) => entry(index + 1, `p${index + 1}`)));
    desk.seat(1, { events: 10 });
    expect(reason(desk, 6, "p6")).toEqual({ because: "not-read", cursor: 4 });
  });

  test("[E5] [W7] not read, since as many keys are put aside as may be", () => {
    const desk = new Desk({ windowEventsMax: 2, parkedKeysMax: 2 });
    desk.backlog(...Array.from({ length: 9 }, (_, index) => entry(index + 1, `p${index + 1}`, { notBeforeMs: 60_000 })));
    desk.seat(1, { events: 10 });
    const { cursor, parkedKeys } = desk.engine.view();
    expect([cursor < 9, parkedKeys >= 2]).toEqual([true, true]);
    expect(reason(desk, 9, "p9")).toEqual({ because: "not-read", cursor, parkedKeys });
  });

  test("[E5] parked, and settled once it was taken back and acked", () => {
    const desk = new Desk({ windowEventsMax: 4, keyWaitingMax: 1 });
    desk.backlog(...Array.from({ length: 6 }, (_, index) => entry(index + 1, index < 5 ? "hot" : "p6")));
    desk.seat(1, { events: 1 });
    desk.seat(2, { events: 1 });
    expect(desk.engine.view().parkedKeys).toBe(1);
    expect(why(desk, 5, "hot")).toMatchObject({ first: 1, reason: { because: "in-hand" } });
    desk.restart();
    expect(why(desk, 5, "hot").reason).toEqual({ because: "no-consumer" });
    const settled: number[] = [];
    desk.seat(3, { events: 6 });
    for (let offsets = delivered(desk.effects); offsets.length > 0; offsets = delivered(desk.effects)) {
      settled.push(...settledOffsets(desk.ack(3, ...offsets)));
    }
    expect(settled).toHaveLength(6);
    expect(reason(desk, 5, "hot")).toEqual({ because: "settled" });
  });
});

describe("redrives", () => {
  test("[E6] a redrive has its own reason beside its key", () => {
    const desk = new Desk({ failedMax: 1, policy: "skip" });
    desk.seat(1, { events: 1 });
    desk.publish(entry(1), entry(2));
    desk.reject(1, 1);
    desk.run({ type: "redrive", entry: desk.durable.entry(1), redrive: 1 });
    expect(why(desk, 1)).toEqual({ first: 1, redrive: 1, reason: { because: "no-credit", consumers: 1, inHand: 1 } });
    expect(why(desk, 2)).toMatchObject({ first: 2, redrive: 0, reason: { because: "in-hand" } });
    desk.publish(entry(3));
    expect(why(desk, 3)).toMatchObject({ first: 2 });
    desk.ack(1, 2);
    expect(why(desk, 1)).toMatchObject({ redrive: 1, reason: { because: "in-hand" } });
    desk.ack(1, 1);
    expect(why(desk, 1)).toMatchObject({ redrive: 0, reason: { because: "settled" } });
  });
});

test("[E7] to explain changes nothing", () => {
  const desk = new Desk();
  desk.seat(1, { events: 1 });
  desk.publish(entry(1), entry(2));
  const before = desk.engine.view();
  for (let offset = 1; offset <= 4; offset++) why(desk, offset);
  expect(desk.engine.view()).toEqual(before);
  expect(desk.run({ type: "tick" })).toEqual([]);
});
