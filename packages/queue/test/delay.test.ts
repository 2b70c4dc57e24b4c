import { describe, expect, test } from "vitest";
import { stateOf } from "../src/engine.ts";
import { Desk, delivered, deliveries, entry, only, settledOffsets } from "./desk.ts";

const delayed = (offset: number, notBeforeMs: number, key = "p1") => entry(offset, key, { notBeforeMs });
const why = (desk: Desk, offset: number, key = "p1") => desk.engine.explain({ offset, key, type: "pickup" }, desk.nowMs);

describe("its time", () => {
  test("[D1] offered when its time has come, and not a millisecond before; it costs a timer, and no row", () => {
    const desk = new Desk();
    desk.seat(1);
    const effects = desk.publish(delayed(1, 500));
    expect(delivered(effects)).toEqual([]);
    expect(only(effects, "wake")).toEqual([{ type: "wake", atMs: 500 }]);
    expect(delivered(desk.after(499))).toEqual([]);
    expect(deliveries(desk.after(1))).toMatchObject([{ entry: { offset: 1 }, failed: 0, interrupted: 0 }]);
    desk.ack(1, 1);
    expect(desk.durable.attempts.size).toBe(0);
    expect(desk.durable.unsettled().size).toBe(0);
  });

  test("[D1] a time in the past is no delay", () => {
    const desk = new Desk();
    desk.nowMs = 1_000;
    desk.seat(1);
    expect(delivered(desk.publish(delayed(1, 1_000), delayed(2, 3, "p2")))).toEqual([1, 2]);
  });

  test("[D1] without a consumer there is no timer; who comes later gets what is due, and waits for the rest", () => {
    const desk = new Desk();
    expect(desk.publish(delayed(1, 500), delayed(2, 900, "p2"))).toEqual([]);
    desk.nowMs = 600;
    const effects = desk.seat(1);
    expect(delivered(effects)).toEqual([1]);
    expect(only(effects, "wake").at(-1)).toEqual({ type: "wake", atMs: 900 });
    expect(delivered(desk.after(300))).toEqual([2]);
  });

  test("[D1] a failure after its time backs off as any other", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(delayed(1, 500));
    desk.after(500);
    desk.nack(1, 1, { delayMs: 200 });
    expect(why(desk, 1).reason).toMatchObject({ because: "resting", failed: 1 });
    expect(delivered(desk.after(199))).toEqual([]);
    expect(delivered(desk.after(1))).toEqual([1]);
  });
});

describe("its key", () => {
  test("[D2] its successors wait behind it, what is before it goes on, and so do other keys", () => {
    const desk = new Desk();
    desk.seat(1);
    expect(delivered(desk.publish(entry(1), delayed(2, 500), entry(3), entry(4, "p2")))).toEqual([1, 4]);
    expect(delivered(desk.ack(1, 1, 4))).toEqual([]);
    expect(delivered(desk.after(500))).toEqual([2, 3]);
    expect(settledOffsets(desk.ack(1, 2, 3))).toEqual([2, 3]);
  });

  test("[D2] the second of a key that waits longer waits by itself", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(delayed(1, 500), delayed(2, 900));
    expect(delivered(desk.after(500))).toEqual([1]);
    expect(delivered(desk.ack(1, 1))).toEqual([]);
    expect(delivered(desk.after(400))).toEqual([2]);
  });

  test("[D2] [W4] more delayed parcels than the window holds starve nobody, and each comes at its time", () => {
    const desk = new Desk({ windowEventsMax: 16 });
    const all = Array.from({ length: 200 }, (_, index) => delayed(index + 1, 1_000 + index, `later${index}`));
    desk.backlog(...all, entry(201, "now"), entry(202, "now"));
    expect(delivered(desk.seat(1, { events: 50 }))).toEqual([201, 202]);
    desk.ack(1, 201, 202);
    expect(desk.engine.view()).toMatchObject({ pending: 200, delayed: 200, waitingRetry: 0, windowEvents: expect.any(Number) });
    expect(desk.engine.view().windowEvents).toBeLessThanOrEqual(16);
    expect(delivered(desk.publish(entry(203, "new")))).toEqual([203]);
    desk.ack(1, 203);
    const came: number[] = [];
    for (desk.nowMs = 990; desk.nowMs < 1_300; ) {
      for (const offset of delivered(desk.after(1))) {
        expect(desk.nowMs).toBeGreaterThanOrEqual(1_000 + offset - 1);
        came.push(offset);
      }
      for (let offsets = delivered(desk.effects); offsets.length > 0; offsets = delivered(desk.effects)) desk.ack(1, ...offsets);
    }
    expect(new Set(came).size).toBe(200);
    expect(desk.durable.unsettled().size).toBe(0);
    expect(desk.durable.chunks.size).toBe(0);
  });

  test("[D2] [W4] timers of what was parked do not gather", () => {
    const desk = new Desk({ windowEventsMax: 16 });
    const all = Array.from({ length: 3_000 }, (_, index) => delayed(index + 1, 1_000_000, `later${index}`));
    desk.backlog(...all, entry(3_001, "now"));
    expect(delivered(desk.seat(1))).toEqual([3_001]);
    // One per parked parcel means something; another one each was left behind.
    expect(stateOf(desk.engine).timers.size).toBeLessThan(5_000);
  });

  test.each([{ type: "retry-key" }, { type: "skip-key", by: "ada", reason: "enough" }] as const)(
    "[D3] $type leaves alone what only waits for its time, in memory and parked",
    (input) => {
      const desk = new Desk({ windowEventsMax: 4 });
      desk.backlog(...Array.from({ length: 6 }, (_, index) => delayed(index + 1, 500, `p${index + 1}`)));
      desk.seat(1);
      expect(desk.engine.view().parkedKeys).toBe(4);
      for (const key of ["p1", "p6"]) expect(desk.run({ ...input, key })).toEqual([]);
      expect(desk.durable.dead.size).toBe(0);
      expect(desk.engine.view()).toMatchObject({ delayed: 6, pending: 6 });
    },
  );
});

test("[D4] a redrive goes at once, whatever its event asked for", () => {
  const desk = new Desk({ policy: "skip" });
  desk.seat(1);
  desk.publish(delayed(1, 500));
  desk.after(500);
  desk.reject(1, 1);
  const letter = desk.durable.entry(1);
  expect(deliveries(desk.run({ type: "redrive", entry: { ...letter, notBeforeMs: 9_000 }, redrive: 1 }))).toMatchObject([{ redrive: 1 }]);
});

describe("restart", () => {
  test("[D5] it waits again, and neither it nor what is behind it comes alone", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(delayed(1, 500), entry(2), entry(3, "p3"), delayed(4, 500, "p4"));
    expect(desk.durable.progress.offeredTo).toBe(3);
    desk.restart();
    desk.seat(2);
    expect(delivered(desk.effects)).toEqual([3]);
    desk.ack(2, 3);
    expect(delivered(desk.after(500)).sort()).toEqual([1, 2, 4]);
    desk.run({ type: "disconnect", consumer: 2 });
    expect(desk.durable.attempts.size).toBe(0);
  });

  test("[D5] what may have been offered before, since its time was over, is a suspect still", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(delayed(1, 500), entry(2, "p2"));
    desk.after(500);
    desk.restart();
    expect(delivered(desk.seat(2))).toHaveLength(1);
  });

  test("[D5] parked keys learn their time again", () => {
    const desk = new Desk({ windowEventsMax: 8 });
    desk.backlog(...Array.from({ length: 40 }, (_, index) => delayed(index + 1, 500, `p${index + 1}`)), entry(41, "now"));
    desk.seat(1);
    desk.ack(1, 41);
    desk.restart();
    expect(delivered(desk.seat(2, { events: 100 }))).toEqual([]);
    expect(desk.engine.view()).toMatchObject({ delayed: 40, pending: 40 });
    const came: number[] = [];
    desk.after(500);
    for (let offsets = delivered(desk.effects); offsets.length > 0; offsets = delivered(desk.effects)) {
      came.push(...offsets);
      desk.ack(2, ...offsets);
    }
    expect(came).toHaveLength(40);
    expect(desk.durable.unsettled().size).toBe(0);
  });
});

describe("pools", () => {
  test("[D6] a delayed job is offered to nobody before its time", () => {
    const desk = new Desk({ order: "none" });
    desk.seat(1);
    expect(delivered(desk.publish(delayed(1, 500), entry(2)))).toEqual([2]);
    expect(delivered(desk.after(500))).toContain(1);
  });

  test("[D6] its claim moves meanwhile: it is settled", () => {
    const desk = new Desk({ order: "none" });
    desk.seat(1);
    desk.publish(delayed(1, 500));
    expect(settledOffsets(desk.run({ type: "resolved", offsets: [1] }), "resolved")).toEqual([1]);
    expect(delivered(desk.after(500))).toEqual([]);
  });
});

describe("explain", () => {
  test("[E2] delayed, until when; told of the first of the key", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(delayed(1, 500), entry(2));
    const reason = { because: "delayed", untilMs: 500 };
    expect(why(desk, 1)).toEqual({ first: 1, redrive: 0, reason });
    expect(why(desk, 2)).toEqual({ first: 1, redrive: 0, reason });
    expect(desk.engine.view()).toMatchObject({ delayed: 1, waitingRetry: 0 });
  });

  test("[E2] of a parked key as well", () => {
    const desk = new Desk({ windowEventsMax: 4 });
    desk.backlog(...Array.from({ length: 9 }, (_, index) => delayed(index + 1, 500, `p${index + 1}`)));
    desk.seat(1);
    for (let offset = 1; offset <= 9; offset++)
      expect(why(desk, offset, `p${offset}`).reason).toEqual({ because: "delayed", untilMs: 500 });
  });

  test("[E2] of an event that is not in memory, when the asker knows its time; a time that is over is no reason", () => {
    const desk = new Desk();
    desk.backlog(delayed(1, 500));
    const ask = () => desk.engine.explain({ offset: 1, key: "p1", notBeforeMs: 500 }, desk.nowMs).reason;
    expect(ask()).toEqual({ because: "delayed", untilMs: 500 });
    desk.nowMs = 500;
    expect(ask()).toEqual({ because: "no-consumer" });
  });
});
