import { describe, expect, test } from "vitest";
import { Desk, delivered, deliveries, entry, only, settledOffsets } from "./desk.ts";

describe("restart", () => {
  test("[X1] what was offered and is not settled is a suspect, uncounted; the rest comes in one go", () => {
    const desk = new Desk();
    desk.seat(1, { events: 2 });
    desk.publish(entry(1), entry(2, "p2"), entry(3, "p3"), entry(4, "p4"));
    desk.restart();
    expect(deliveries(desk.seat(2))).toMatchObject([{ entry: { offset: 1 }, interrupted: 0 }]);
    expect(delivered(desk.ack(2, 1))).toEqual([2]);
    expect(delivered(desk.ack(2, 2))).toEqual([3, 4]);
  });

  test("[X1] nothing that was settled comes again", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2), entry(3, "p2"));
    desk.ack(1, 1, 3);
    desk.restart();
    expect(delivered(desk.seat(2))).toEqual([2]);
  });

  test("[X2] a hub that is killed 20 times buries nothing that was merely in hand", () => {
    const desk = new Desk({ policy: "skip" });
    desk.publish(...Array.from({ length: 8 }, (_, index) => entry(index + 1, `p${index + 1}`)));
    for (let kill = 1; kill <= 20; kill++) {
      desk.seat(kill, { events: 8 });
      desk.run({ type: "withdraw", consumer: kill });
      desk.restart();
    }
    expect(desk.durable.dead.size).toBe(0);
    desk.seat(99);
    for (let offsets = delivered(desk.effects); offsets.length > 0; offsets = delivered(desk.effects)) desk.ack(99, ...offsets);
    expect(desk.durable.unsettled().size).toBe(0);
  });

  test("[X2] [X3] a crasher ends stuck after the stated attempts, also when the hub is killed each time", () => {
    const desk = new Desk({ interruptedMax: 4 });
    desk.publish(entry(1), entry(2), entry(3, "p2"));
    let deaths = 0;
    for (let consumer = 1; !desk.engine.view().stuckKeys.includes("p1"); consumer++) {
      const offered = delivered(desk.seat(consumer));
      if (offered.includes(1)) {
        deaths += 1;
        desk.restart();
      } else if (offered.length > 0) desk.ack(consumer, ...offered);
      if (consumer > 50) throw new Error("It is never stuck.");
    }
    expect(deaths).toBe(5);
    expect(desk.durable.attempts.get(1)).toMatchObject({ interrupted: 4, stuck: true });
    expect(desk.durable.attempts.size).toBe(1);
  });

  test("[X3] a used-up event is stuck before anything of its key is offered", () => {
    const row = { offset: 1, key: "p1", failed: 0, interrupted: 4, dueMs: 0, alone: true, stuck: false, redrive: 0, notes: [] };
    const desk = new Desk(
      {},
      {
        progress: { generation: 1, cursor: 2, open: [[1, 2]], offeredTo: 2, ackedTo: 0, paused: false },
        attempts: [row],
        parked: [],
        deadCount: 0,
        head: 2,
      },
    );
    desk.durable.entries.push(entry(1), entry(2));
    const effects = desk.seat(1);
    expect(delivered(effects)).toEqual([]);
    expect(only(effects, "failed")).toMatchObject([{ outcome: "stuck", interrupted: 4, kind: "interrupted" }]);
  });

  test("[X3] a row's back-off goes on, by hub time", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.nack(1, 1, { delayMs: 500 });
    desk.restart();
    expect(delivered(desk.seat(2))).toEqual([]);
    expect(delivered(desk.after(500))).toEqual([1]);
  });

  test("[X4] open events, then parked ones, then what was not read: a key keeps its order", () => {
    const desk = new Desk({ windowEventsMax: 4, keyWaitingMax: 1 });
    desk.backlog(...Array.from({ length: 12 }, (_, index) => entry(index + 1, "hot")));
    desk.seat(1, { events: 1 });
    desk.seat(2, { events: 1 });
    expect(desk.engine.view().parkedKeys).toBe(1);
    desk.restart();
    const order: number[] = [];
    desk.seat(3, { events: 3 });
    for (let offsets = delivered(desk.effects); offsets.length > 0; offsets = delivered(desk.effects))
      order.push(...settledOffsets(desk.ack(3, ...offsets)));
    expect(order).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(desk.durable.chunks.size).toBe(0);
  });

  test("[X5] a redrive under way goes on when its entry is handed in again", () => {
    const desk = new Desk({ policy: "skip", failedMax: 2 });
    desk.seat(1);
    desk.publish(entry(1));
    desk.reject(1, 1);
    desk.run({ type: "redrive", entry: entry(1), redrive: 1 });
    desk.nack(1, 1, { delayMs: 0 });
    desk.restart();
    expect(delivered(desk.seat(2))).toEqual([]);
    expect(desk.durable.dead.has(1)).toBe(true);
    expect(deliveries(desk.run({ type: "redrive", entry: entry(1), redrive: 1 }))).toMatchObject([{ redrive: 1, failed: 1 }]);
    desk.ack(2, 1);
    expect([desk.durable.dead.size, desk.durable.attempts.size]).toEqual([0, 0]);
  });

  test("[P6] [X1] a suspect that was never alone in hand when the hub died has no count", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"));
    desk.restart();
    desk.restart();
    desk.restart();
    expect(desk.durable.attempts.size).toBe(0);
  });
});
