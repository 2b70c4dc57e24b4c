import { describe, expect, test } from "vitest";
import { Desk, delivered, deliveries, entry, lostTokens, only } from "./desk.ts";

const parcels = (count: number) => Array.from({ length: count }, (_, index) => entry(index + 1, `p${index + 1}`));

describe("draining", () => {
  test("[L1] nothing is offered and nothing is read, whoever comes and however much credit there is", () => {
    const desk = new Desk();
    desk.seat(1, { events: 2 });
    desk.backlog(...parcels(20));
    desk.run({ type: "drain" });
    expect(only(desk.seat(2), "read")).toEqual([]);
    expect(delivered(desk.run({ type: "credit", consumer: 2, credit: { events: 10, bytes: 10_000 } }))).toEqual([]);
    expect(delivered(desk.publish(entry(21, "p21")))).toEqual([]);
    expect(only(desk.effects, "read")).toEqual([]);
  });

  test("[L1] nor for a skip that was asked for: the next hub's operator asks again", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.reject(1, 1);
    desk.restart();
    desk.run({ type: "drain" });
    expect(only(desk.run({ type: "skip-key", key: "p1", by: "admin", reason: "enough" }), "read")).toEqual([]);
  });

  test("[L1] what is in hand can be settled and extended, and a failure counts as ever", () => {
    const desk = new Desk();
    desk.seat(1, { events: 3 });
    desk.publish(...parcels(4));
    desk.run({ type: "drain" });
    desk.after(900);
    desk.settle(1, { acks: desk.ranges(1, [1]), extends: desk.ranges(1, [2]) });
    expect(desk.durable.unsettled().has(1)).toBe(false);
    expect(lostTokens(desk.after(200))).toEqual([desk.token(1, 3)]);
    expect(delivered(desk.nack(1, 2, { delayMs: 0 }))).toEqual([]);
    expect(desk.durable.attempts.get(2)).toMatchObject({ failed: 1, interrupted: 0 });
    expect(desk.engine.view().inHand).toBe(0);
  });

  test("[L2] a consumer that goes counts for nothing, whether it says so or its connection closes", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(...parcels(3));
    desk.settle(1, { started: desk.ranges(1, [1, 2, 3]) });
    desk.run({ type: "drain" });
    desk.run({ type: "disconnect", consumer: 1 });
    expect(desk.durable.attempts.size).toBe(0);
    desk.run({ type: "hand-back" });
    desk.restart();
    expect(deliveries(desk.seat(2))).toMatchObject([1, 2, 3].map((offset) => ({ entry: { offset }, failed: 0, interrupted: 0 })));
  });

  test("[L3] what is left goes back uncounted, its consumers are told, and an ack that was on its way still counts", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(...parcels(3));
    desk.settle(1, { started: desk.ranges(1, [1, 2]) });
    desk.run({ type: "drain" });
    const tokens = [1, 2, 3].map((offset) => desk.token(1, offset));
    expect(lostTokens(desk.run({ type: "hand-back" }), 1)).toEqual(tokens);
    expect(desk.durable.attempts.size).toBe(0);
    expect(lostTokens(desk.ack(1, 2))).toEqual([]);
    expect([...desk.durable.unsettled()]).toEqual([1, 3]);
  });

  test("[L3] an event in hand alone loses the interruption that its row had for the worst case", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.settle(1, { started: desk.ranges(1, [1]) });
    desk.run({ type: "disconnect", consumer: 1 });
    desk.seat(2);
    expect(desk.durable.attempts.get(1)).toMatchObject({ interrupted: 2, alone: true });
    desk.run({ type: "drain" });
    desk.run({ type: "hand-back" });
    expect(desk.durable.attempts.get(1)).toMatchObject({ interrupted: 1, alone: true });
  });

  test("[L4] after a restart nothing is suspect, so all comes in one go", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(...parcels(5));
    desk.run({ type: "drain" });
    desk.run({ type: "hand-back" });
    desk.restart();
    expect(delivered(desk.seat(2))).toEqual([1, 2, 3, 4, 5]);
  });

  test("[L4] what was suspect before still is", () => {
    const desk = new Desk();
    desk.publish(...parcels(5));
    desk.seat(1, { events: 2 });
    desk.run({ type: "disconnect", consumer: 1 });
    desk.run({ type: "drain" });
    desk.run({ type: "hand-back" });
    desk.restart();
    expect(delivered(desk.seat(2))).toEqual([1]);
    expect(delivered(desk.ack(2, 1))).toEqual([2]);
    expect(delivered(desk.ack(2, 2))).toEqual([3, 4, 5]);
  });

  test("[L4] a suspect that was not even read again since the last restart still is one", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(...parcels(3));
    desk.restart();
    desk.run({ type: "drain" });
    desk.run({ type: "hand-back" });
    desk.restart();
    expect(delivered(desk.seat(2))).toEqual([1]);
  });
});
