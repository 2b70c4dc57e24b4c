import { describe, expect, test } from "vitest";
import { Desk, defaults, delivered, deliveries, entry, lostTokens, only, settledOffsets } from "./desk.ts";

describe("tokens and leases", () => {
  test("[T1] tokens rise over the life of the engine, whoever gets them", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.seat(2);
    desk.publish(entry(1), entry(2, "p2"), entry(3, "p3"));
    desk.publish(entry(4, "p4"));
    desk.run({ type: "withdraw", consumer: 1 });
    const firsts = only(desk.effects, "deliver").map(({ first }) => first);
    expect(firsts).toEqual([5]);
    expect(new Set(desk.tokens.values())).toEqual(
      new Set([1, 2, 3, 4, ...firsts.flatMap((first) => [first, first + 1, first + 2, first + 3])].slice(0, desk.tokens.size)),
    );
  });

  test("[T2] a lease ends leaseMs after the offer, and not a millisecond before", () => {
    const desk = new Desk();
    desk.seat(1);
    expect(only(desk.publish(entry(1)), "wake")).toEqual([{ type: "wake", atMs: 1_000 }]);
    const token = desk.token(1, 1);
    expect(lostTokens(desk.after(999))).toEqual([]);
    expect(lostTokens(desk.after(1))).toEqual([token]);
  });

  test("[T2] an extend starts the lease anew", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.after(800);
    desk.settle(1, { extends: desk.ranges(1, [1]) });
    expect(lostTokens(desk.after(999))).toEqual([]);
    desk.settle(1, { extends: desk.ranges(1, [1]) });
    expect(lostTokens(desk.after(999))).toEqual([]);
    expect(lostTokens(desk.after(1))).toHaveLength(1);
  });

  test("[T3] a late ack counts when nobody else has the event in hand", () => {
    const desk = new Desk();
    desk.seat(1, { events: 1 });
    desk.publish(entry(1));
    const token = desk.token(1, 1);
    desk.run({ type: "credit", consumer: 1, credit: { events: 0, bytes: 0 } });
    desk.after(1_000);
    expect(settledOffsets(desk.settle(1, { acks: [[token, token]] }))).toEqual([1]);
  });

  test("[T3] a late ack counts for the consumer that was offered the event again", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    const token = desk.token(1, 1);
    expect(delivered(desk.after(1_000))).toEqual([1]);
    expect(settledOffsets(desk.settle(1, { acks: [[token, token]] }))).toEqual([1]);
    expect(desk.engine.view().inHand).toBe(0);
  });

  test("[T3] a late ack of what another consumer has is lost", () => {
    const desk = new Desk();
    desk.seat(1, { events: 1 });
    desk.publish(entry(1));
    desk.run({ type: "credit", consumer: 1, credit: { events: 0, bytes: 0 } });
    desk.seat(2);
    expect(delivered(desk.after(1_000), 2)).toEqual([1]);
    const effects = desk.ack(1, 1);
    expect(settledOffsets(effects)).toEqual([]);
    expect(lostTokens(effects, 1)).toEqual([desk.token(1, 1)]);
  });

  test("[T3] a late ack of an event that is not first of its key is lost", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    const second = desk.token(1, 2);
    desk.nack(1, 1);
    const effects = desk.settle(1, { acks: [[second, second]] });
    expect(settledOffsets(effects)).toEqual([]);
    expect(lostTokens(effects)).toEqual([second]);
  });

  test.each(["nacks", "rejects", "extends", "started"] as const)("[T4] a late %s is lost", (field) => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    const token = desk.token(1, 1);
    desk.after(1_000);
    const fields = field === "nacks" || field === "rejects" ? { [field]: [{ token }] } : { [field]: [[token, token]] };
    expect(lostTokens(desk.settle(1, fields), 1)).toEqual([token]);
    expect(desk.durable.attempts.get(1)?.failed ?? 0).toBe(0);
  });

  test("[T5] tokens of another epoch are lost, and said to be of that epoch", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    const effects = desk.settle(1, { epoch: 6, acks: [[1, 1]], nacks: [{ token: 2 }] });
    expect(effects).toEqual([
      {
        type: "lost",
        consumer: 1,
        epoch: 6,
        tokens: [
          [1, 1],
          [2, 2],
        ],
      },
    ]);
    expect(desk.engine.view().inHand).toBe(1);
  });

  test("[T6] an ack from the same instance on a new connection counts", () => {
    const desk = new Desk();
    desk.seat(1, { instance: "phone" });
    desk.publish(entry(1));
    const token = desk.token(1, 1);
    desk.run({ type: "disconnect", consumer: 1 });
    desk.seat(2, { instance: "phone", events: 0 });
    expect(settledOffsets(desk.settle(2, { acks: [[token, token]] }))).toEqual([1]);
  });

  test("[T6] an ack of another instance's token is lost", () => {
    const desk = new Desk();
    desk.seat(1, { instance: "phone" });
    desk.publish(entry(1));
    const token = desk.token(1, 1);
    desk.run({ type: "disconnect", consumer: 1 });
    desk.seat(2, { instance: "tablet", events: 0 });
    expect(settledOffsets(desk.settle(2, { acks: [[token, token]] }))).toEqual([]);
  });

  test("[T6] more than 4,096 ended tokens are not remembered", () => {
    const desk = new Desk({ windowEventsMax: 10_000, windowBytesMax: 10_000_000 });
    desk.seat(1, { events: 5_000, bytes: 10_000_000, instance: "phone" });
    desk.publish(...Array.from({ length: 4_097 }, (_, index) => entry(index + 1, `p${index}`)));
    const [oldest, second] = [desk.token(1, 1), desk.token(1, 2)];
    desk.run({ type: "disconnect", consumer: 1 });
    desk.seat(2, { instance: "phone", events: 0 });
    expect(settledOffsets(desk.settle(2, { acks: [[oldest, oldest]] }))).toEqual([]);
    expect(settledOffsets(desk.settle(2, { acks: [[second, second]] }))).toEqual([2]);
  });

  test("[T7] a range of any length is answered at once", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"));
    const effects = desk.settle(1, {
      acks: [[1, Number.MAX_SAFE_INTEGER]],
      extends: [[1, Number.MAX_SAFE_INTEGER]],
      started: [[7, Number.MAX_SAFE_INTEGER]],
    });
    expect(settledOffsets(effects)).toEqual([1, 2]);
    expect(only(effects, "lost")[0]?.tokens.length).toBeLessThan(5);
  });
});

describe("settle", () => {
  test("[S1] an event that was acked is not offered again, also not when it is acked twice", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.ack(1, 1);
    expect(settledOffsets(desk.ack(1, 1))).toEqual([]);
    expect(delivered(desk.after(5_000))).toEqual([]);
  });

  test("[S2] an ack comes before a nack of the same message, and started comes last", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"));
    const [first, second] = [desk.token(1, 1), desk.token(1, 2)];
    const effects = desk.settle(1, { acks: [[first, first]], nacks: [{ token: first }, { token: second }], started: [[second, second]] });
    expect(settledOffsets(effects)).toEqual([1]);
    expect(only(effects, "failed").map(({ entry: { offset } }) => offset)).toEqual([2]);
    expect(lostTokens(effects)).toEqual([first, second]);
  });

  test("[S3] what is withdrawn is offered again at once, uncounted", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    const effects = desk.settle(1, { withdraws: [[1, 2]] });
    expect(lostTokens(effects)).toEqual([]);
    expect(deliveries(effects).map(({ entry: { offset }, failed, interrupted }) => [offset, failed, interrupted])).toEqual([
      [1, 0, 0],
      [2, 0, 0],
    ]);
  });

  test("[S4] types that are not wanted are settled at sight", () => {
    const desk = new Desk({ ...defaults, types: ["pickup"] });
    desk.seat(1);
    const effects = desk.publish(entry(1), entry(2, "p1", { type: "message" }), entry(3));
    expect(delivered(effects)).toEqual([1, 3]);
    expect(settledOffsets(effects, "unwanted")).toEqual([2]);
    expect(desk.durable.progress.open).toEqual([
      [1, 1],
      [3, 3],
    ]);
  });
});
