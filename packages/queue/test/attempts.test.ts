import { describe, expect, test } from "vitest";
import { backoffMs } from "../src/attempts.ts";
import { Desk, defaults, delivered, deliveries, entry, only, settledOffsets } from "./desk.ts";

const counts = (desk: Desk, offset: number) => {
  const row = desk.durable.attempts.get(offset);
  return row === undefined ? null : [row.failed, row.interrupted];
};

describe("attempts", () => {
  test("[A1] a nack counts as failed, with its reason", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    const [failed] = only(desk.nack(1, 1, { reason: "printer on fire" }), "failed");
    expect(failed).toMatchObject({ kind: "failed", reason: "printer on fire", failed: 1, interrupted: 0, outcome: "retry" });
    expect(desk.durable.attempts.get(1)?.notes).toEqual([{ atMs: 0, kind: "failed", by: "vendor-1", reason: "printer on fire" }]);
  });

  test("[A2] a lease that ends counts when the event was started", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"));
    desk.settle(1, { started: desk.ranges(1, [1]) });
    desk.after(1_000);
    expect(counts(desk, 1)).toEqual([1, 0]);
    // Offered alone by now: its row has the interruption that a death of the hub would be.
    expect(counts(desk, 2)).toEqual([0, 1]);
    expect(desk.durable.attempts.get(2)?.failed).toBe(0);
  });

  test("[A2] a lease that ends alone counts", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    expect(deliveries(desk.after(1_000))).toMatchObject([{ failed: 0 }]);
    desk.after(1_000);
    expect(counts(desk, 1)).toEqual([1, 0]);
  });

  test("[A3] a disconnect counts what was started, and only that", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"), entry(3));
    desk.settle(1, { started: desk.ranges(1, [2]) });
    const effects = desk.run({ type: "disconnect", consumer: 1 });
    expect(only(effects, "failed").map(({ entry: { offset }, kind }) => [offset, kind])).toEqual([[2, "interrupted"]]);
    expect([counts(desk, 1), counts(desk, 2), counts(desk, 3)]).toEqual([null, [0, 1], null]);
  });

  test("[A4] suspects are offered one by one, and nothing beside them", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"));
    desk.run({ type: "disconnect", consumer: 1 });
    desk.publish(entry(3, "p3"));
    expect(delivered(desk.seat(2))).toEqual([1]);
    expect(delivered(desk.ack(2, 1))).toEqual([2]);
    expect(delivered(desk.ack(2, 2))).toEqual([3]);
  });

  test("[A4] other consumers of the group go on beside a suspect", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.run({ type: "disconnect", consumer: 1 });
    desk.seat(2);
    desk.seat(3);
    const effects = desk.publish(entry(2, "p2"), entry(3, "p3"));
    expect(delivered(effects, 2)).toEqual([]);
    expect(delivered(effects, 3)).toEqual([2, 3]);
  });

  test("[A5] with no empty hand, the one with least in hand gets nothing new until it is empty", () => {
    const desk = new Desk({ leaseMs: 10_000 });
    desk.seat(1);
    desk.publish(entry(1, "p1"), entry(2, "p2"));
    desk.seat(2);
    desk.publish(entry(3, "p3"));
    desk.run({ type: "disconnect", consumer: 2 });
    expect(delivered(desk.publish(entry(4, "p4")))).toEqual([]);
    expect(delivered(desk.ack(1, 1))).toEqual([]);
    expect(delivered(desk.ack(1, 2))).toEqual([3]);
    expect(delivered(desk.ack(1, 3))).toEqual([4]);
  });

  test("[A5] a consumer that does not come to an empty hand is not kept waiting for ever", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1, "p1"));
    desk.seat(2);
    desk.publish(entry(2, "p2"));
    desk.run({ type: "disconnect", consumer: 2 });
    expect(delivered(desk.publish(entry(3, "p3")))).toEqual([]);
    desk.after(900);
    desk.settle(1, { extends: desk.ranges(1, [1]) });
    expect(delivered(desk.after(100))).toEqual([3]);
    desk.after(800);
    desk.settle(1, { extends: desk.ranges(1, [1, 3]) });
    desk.after(200);
    expect(delivered(desk.publish(entry(4, "p4")))).toEqual([]);
    expect(delivered(desk.ack(1, 1, 3))).toEqual([2]);
  });

  test("[A6] the same instance is back: it was not interrupted, and its events come in one go", () => {
    const desk = new Desk();
    desk.seat(1, { instance: "phone" });
    desk.publish(entry(1), entry(2, "p2"));
    desk.settle(1, { started: desk.ranges(1, [1]) });
    desk.run({ type: "disconnect", consumer: 1 });
    expect(counts(desk, 1)).toEqual([0, 1]);
    expect(deliveries(desk.seat(2, { instance: "phone" }))).toMatchObject([{ interrupted: 0 }, { interrupted: 0 }]);
    expect(desk.durable.attempts.size).toBe(0);
  });

  test("[A6] what was offered to somebody else meanwhile stays counted", () => {
    const desk = new Desk();
    desk.seat(1, { instance: "phone" });
    desk.publish(entry(1));
    desk.settle(1, { started: desk.ranges(1, [1]) });
    desk.run({ type: "disconnect", consumer: 1 });
    expect(deliveries(desk.seat(2))).toMatchObject([{ interrupted: 1 }]);
    desk.run({ type: "withdraw", consumer: 2 });
    expect(counts(desk, 1)).toEqual([0, 1]);
    expect(deliveries(desk.seat(3, { instance: "phone" }))).toMatchObject([{ interrupted: 1 }]);
  });

  test("[A6] [B6] what an operator has set to zero meanwhile is not taken back once more", () => {
    const desk = new Desk({ interruptedMax: 1 });
    desk.seat(1, { instance: "phone" });
    desk.publish(entry(1));
    desk.settle(1, { started: desk.ranges(1, [1]) });
    desk.run({ type: "disconnect", consumer: 1 });
    expect(desk.engine.view().stuckKeys).toEqual(["p1"]);
    desk.run({ type: "retry-key", key: "p1" });
    expect(counts(desk, 1)).toEqual([0, 0]);
    expect(deliveries(desk.seat(2, { instance: "phone" }))).toMatchObject([{ failed: 0, interrupted: 0 }]);
  });

  test("[A7] failures do not use up interruptions, nor the other way round", () => {
    const desk = new Desk({ failedMax: 3, interruptedMax: 3 });
    desk.seat(1);
    desk.publish(entry(1));
    desk.nack(1, 1, { delayMs: 0 });
    desk.nack(1, 1, { delayMs: 0 });
    for (const consumer of [1, 2]) {
      desk.settle(consumer, { started: desk.ranges(consumer, [1]) });
      desk.run({ type: "disconnect", consumer });
      desk.seat(consumer + 1);
    }
    expect(deliveries(desk.effects)).toMatchObject([{ failed: 2, interrupted: 2 }]);
    expect(desk.engine.view().stuckKeys).toEqual([]);
    desk.nack(3, 1);
    expect(desk.engine.view().stuckKeys).toEqual(["p1"]);
  });

  test("[A8] a consumer that leaves hands all back, unsuspected", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"));
    desk.settle(1, { started: desk.ranges(1, [1]) });
    desk.run({ type: "withdraw", consumer: 1 });
    expect(desk.durable.attempts.size).toBe(0);
    expect(delivered(desk.seat(2))).toEqual([1, 2]);
  });

  test("[A9] the last 32 attempts are kept", () => {
    const desk = new Desk({ failedMax: 100 });
    desk.seat(1);
    desk.publish(entry(1));
    for (let attempt = 1; attempt <= 40; attempt++) desk.nack(1, 1, { delayMs: 0, reason: `attempt ${attempt}` });
    const notes = desk.durable.attempts.get(1)?.notes ?? [];
    expect([notes.length, notes[0]?.reason, notes.at(-1)?.reason]).toEqual([32, "attempt 9", "attempt 40"]);
  });
});

describe("retry", () => {
  test("[R1] the back-off doubles up to its greatest, spread by half", () => {
    const options = { ...defaults, backoffMs: 100, backoffMaxMs: 1_000 };
    expect([1, 2, 3, 4, 5, 50].map((times) => backoffMs(options, times, 0.5, 0))).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    const spread = Array.from({ length: 1_000 }, (_, offset) => backoffMs(options, 1, 0.3, offset));
    expect([Math.min(...spread), Math.max(...spread)]).toEqual([50, 150]);
  });

  test("[R1] an event rests that long, and not less", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.nack(1, 1);
    const restMs = backoffMs(desk.options, 1, 0, 1);
    expect(delivered(desk.after(restMs - 1))).toEqual([]);
    expect(delivered(desk.after(1))).toEqual([1]);
  });

  test("[R2] the delay of a nack replaces the back-off", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.nack(1, 1, { delayMs: 7_000 });
    expect(delivered(desk.after(6_999))).toEqual([]);
    expect(delivered(desk.after(1))).toEqual([1]);
  });

  test("[R3] an event is not offered again before the commit of its count", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.autoCommit = false;
    const [commit] = only(desk.nack(1, 1, { delayMs: 0 }), "commit");
    expect(commit?.urgent).toBe(true);
    expect(commit?.write.attempts.put).toMatchObject([{ offset: 1, failed: 1 }]);
    expect(delivered(desk.after(5_000))).toEqual([]);
    expect(delivered(desk.commit())).toEqual([1]);
  });

  test("[R4] an interrupted event is offered again as soon as its count is durable", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.settle(1, { started: desk.ranges(1, [1]) });
    desk.autoCommit = false;
    desk.run({ type: "disconnect", consumer: 1 });
    expect(delivered(desk.seat(2))).toEqual([]);
    expect(delivered(desk.commit())).toEqual([1]);
  });
});

describe("crashers and flaky connections", () => {
  test("[A3] [A4] [B1] a crasher ends stuck after the stated attempts, and takes none of its neighbours along", () => {
    const desk = new Desk({ interruptedMax: 4 });
    desk.seat(1);
    desk.publish(...Array.from({ length: 9 }, (_, index) => entry(index + 1, `p${index + 1}`)));
    let crashes = 0;
    for (let consumer = 1; desk.engine.view().stuckKeys.length === 0; consumer++) {
      if (consumer > 100) throw new Error("It is never stuck.");
      const inHand = [...desk.tokens.keys()].filter((name) => name.startsWith(`${consumer}/`)).map((name) => Number(name.split("/")[1]));
      if (inHand.includes(5)) {
        crashes += 1;
        desk.run({ type: "disconnect", consumer });
      } else {
        desk.ack(consumer, ...inHand);
        desk.run({ type: "withdraw", consumer });
      }
      desk.seat(consumer + 1);
    }
    expect(crashes).toBe(5);
    expect(desk.engine.view().stuckKeys).toEqual(["p5"]);
    expect([...desk.durable.attempts.values()].filter(({ interrupted }) => interrupted > 1).map(({ offset }) => offset)).toEqual([5]);
  });

  test("[A3] [A6] a phone that loses its connection 100 times buries nothing", () => {
    const desk = new Desk({ policy: "skip" });
    desk.publish(entry(1), entry(2, "p2"), entry(3));
    for (let consumer = 1; consumer <= 100; consumer++) {
      desk.seat(consumer, { instance: "phone" });
      desk.settle(consumer, { started: desk.ranges(consumer, [1]) });
      desk.run({ type: "disconnect", consumer });
    }
    expect(desk.durable.dead.size).toBe(0);
    expect(counts(desk, 1)).toEqual([0, 1]);
    desk.seat(101, { instance: "phone" });
    expect(settledOffsets(desk.ack(101, 1, 2, 3))).toEqual([1, 2, 3]);
    expect(desk.durable.attempts.size).toBe(0);
  });

  test("[A3] a stranger that never starts anything buries nothing of a batch either", () => {
    const desk = new Desk({ policy: "skip" });
    desk.publish(...Array.from({ length: 8 }, (_, index) => entry(index + 1, `p${index}`)));
    for (let consumer = 1; consumer <= 3; consumer++) {
      desk.seat(consumer);
      desk.run({ type: "disconnect", consumer });
    }
    // One of them is alone in hand at a time, and they take turns.
    expect([...desk.durable.attempts.values()].map(({ offset, interrupted }) => [offset, interrupted])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });
});
