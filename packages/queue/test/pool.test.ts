import { describe, expect, test } from "vitest";
import { Desk, delivered, entry, lostTokens, only, settledOffsets } from "./desk.ts";

const pool = (options = {}) => new Desk({ order: "none", ...options });

describe("pools", () => {
  test.each(["withdraws", "nacks", "rejects"] as const)("[K1] %s pass the event on to the next consumer, uncounted", (field) => {
    const desk = pool();
    desk.seat(1);
    desk.publish(entry(1));
    desk.seat(2);
    const token = desk.token(1, 1);
    const effects = desk.settle(1, { [field]: field === "withdraws" ? [[token, token]] : [{ token }] });
    expect(delivered(effects, 2)).toEqual([1]);
    expect(desk.durable.attempts.size).toBe(0);
  });

  test("[K1] so do a lease that ends and a disconnect", () => {
    const desk = pool({ failedMax: 1, interruptedMax: 1 });
    desk.seat(1);
    desk.publish(entry(1));
    desk.seat(2);
    const effects = desk.after(1_000);
    expect(lostTokens(effects, 1)).toHaveLength(1);
    expect(delivered(effects, 2)).toEqual([1]);
    desk.seat(3);
    expect(delivered(desk.run({ type: "disconnect", consumer: 2 }), 3)).toEqual([1]);
    expect(desk.durable.attempts.size).toBe(0);
  });

  test("[K2] who passed is not asked again before all others were; then it rests and comes to all anew", () => {
    const desk = pool();
    for (const consumer of [1, 2, 3]) desk.seat(consumer);
    desk.publish(entry(1));
    const asked: number[] = [];
    for (let round = 0; round < 3; round++) {
      const [offer] = only(desk.effects, "deliver");
      if (offer === undefined) break;
      asked.push(offer.consumer);
      desk.settle(offer.consumer, { withdraws: desk.ranges(offer.consumer, [1]) });
    }
    expect(asked.toSorted()).toEqual([1, 2, 3]);
    expect(delivered(desk.effects)).toEqual([]);
    expect(desk.engine.view().waitingRetry).toBe(1);
    expect(delivered(desk.after(200))).toEqual([1]);
  });

  test("[K2] who passed is asked again after backoffMaxMs when the others cannot take", () => {
    const desk = pool({ leaseMs: 60_000 });
    desk.seat(1);
    desk.seat(2, { events: 0 });
    desk.publish(entry(1));
    const passing = desk.settle(1, { withdraws: desk.ranges(1, [1]) });
    expect(delivered(passing)).toEqual([]);
    // Nothing else may happen to the pool by then.
    expect(only(passing, "wake")).toMatchObject([{ atMs: desk.nowMs + 1_000 }]);
    expect(delivered(desk.after(999))).toEqual([]);
    expect(delivered(desk.after(1), 1)).toEqual([1]);
  });

  test("[K2] who leaves was the last to be asked: it rests and comes to those who stay", () => {
    const desk = pool();
    desk.seat(1, { events: 1 });
    desk.publish(entry(1));
    desk.seat(2, { events: 1 });
    desk.publish(entry(2, "p2"));
    desk.settle(2, { withdraws: desk.ranges(2, [2]) });
    expect(desk.engine.view().waitingRetry).toBe(0);
    const effects = desk.run({ type: "disconnect", consumer: 1 });
    expect(delivered(effects, 2)).toEqual([1]);
    expect(desk.engine.view().waitingRetry).toBe(1);
    desk.run({ type: "resolved", offsets: [1] });
    expect(delivered(desk.after(200), 2)).toEqual([2]);
  });

  test("[K3] a claim that moved settles the event, in hand or not, and tells who looks at it", () => {
    const desk = pool();
    desk.seat(1, { events: 1 });
    desk.publish(entry(1), entry(2, "p2"));
    const effects = desk.run({ type: "resolved", offsets: [1, 2] });
    expect(settledOffsets(effects, "resolved")).toEqual([1, 2]);
    expect(lostTokens(effects, 1)).toEqual([1]);
    expect(desk.durable.progress.open).toEqual([]);
  });

  test("[K3] an event that is resolved when it is loaded is settled at sight", () => {
    const desk = pool();
    desk.seat(1);
    const effects = desk.publish(entry(1, "p1", { resolved: true }), entry(2, "p2"));
    expect(delivered(effects)).toEqual([2]);
    expect(settledOffsets(effects, "resolved")).toEqual([1]);
  });

  test("[K4] a claim that moves while its event is being read counts", () => {
    const desk = pool();
    desk.backlog(entry(1), entry(2, "p2"));
    const out: Parameters<typeof desk.engine.apply>[2] = [];
    const moment = { nowMs: 0, chance: 0 };
    desk.engine.apply(
      [{ type: "subscribe", consumer: 1, instance: "", by: "ann", mode: "frames", credit: { events: 5, bytes: 5_000 } }],
      moment,
      out,
    );
    const [read] = only(out, "read");
    if (read === undefined) throw new Error("Nothing was read.");
    const answer = desk.durable.read(read);
    desk.engine.apply([{ type: "resolved", offsets: [1] }], moment, out);
    expect(delivered(desk.run(answer))).toEqual([2]);
    expect(settledOffsets(desk.effects, "resolved")).toEqual([1]);
  });

  test("[K5] an ack means seen: it settles nothing, and the next one is asked", () => {
    const desk = pool();
    desk.seat(1);
    desk.publish(entry(1));
    desk.seat(2);
    const effects = desk.ack(1, 1);
    expect(settledOffsets(effects)).toEqual([]);
    expect(delivered(effects, 2)).toEqual([1]);
  });

  test("[W4] [K2] a pool full of jobs that nobody wants does not keep new ones back", () => {
    const desk = pool({ windowEventsMax: 8, backoffMs: 60_000, backoffMaxMs: 60_000 });
    desk.backlog(...Array.from({ length: 40 }, (_, index) => entry(index + 1, `p${index}`)));
    desk.seat(1, { events: 4 });
    const seen = new Set<number>();
    for (let offsets = delivered(desk.effects); offsets.length > 0; offsets = delivered(desk.effects)) {
      for (const offset of offsets) seen.add(offset);
      desk.settle(1, { withdraws: desk.ranges(1, offsets) });
    }
    expect(seen.size).toBe(40);
  });
});
