import { describe, expect, test } from "vitest";
import { Desk, delivered, entry, lostTokens, only, settledOffsets } from "./desk.ts";

describe("order", () => {
  test("[O1] a frames consumer gets several events of a key, a second consumer none of them", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    expect(delivered(desk.effects, 1)).toEqual([1, 2]);
    desk.seat(2);
    expect(delivered(desk.publish(entry(3)), 2)).toEqual([]);
    expect(delivered(desk.effects, 1)).toEqual([3]);
  });

  test("[O1] a plain consumer gets one event of a key at a time", () => {
    const desk = new Desk();
    desk.seat(1, { mode: "plain" });
    expect(delivered(desk.publish(entry(1), entry(2), entry(3, "p2")))).toEqual([1, 3]);
    expect(delivered(desk.ack(1, 1))).toEqual([2]);
  });

  test("[O1] a key goes to another consumer when nobody has any of it in hand", () => {
    const desk = new Desk();
    desk.seat(1, { events: 1 });
    desk.publish(entry(1), entry(2));
    desk.run({ type: "credit", consumer: 1, credit: { events: 0, bytes: 0 } });
    desk.seat(2);
    expect(delivered(desk.ack(1, 1), 2)).toEqual([2]);
  });

  test("[O2] an ack before its turn settles nothing until the earlier ones are acked", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2), entry(3));
    expect(settledOffsets(desk.ack(1, 2))).toEqual([]);
    expect(settledOffsets(desk.ack(1, 3))).toEqual([]);
    expect(settledOffsets(desk.ack(1, 1))).toEqual([1, 2, 3]);
  });

  test("[O2] [S2] what was said first stands: a nack of an acked event is lost", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    desk.ack(1, 2);
    expect(lostTokens(desk.nack(1, 2))).toEqual([desk.token(1, 2)]);
    expect(settledOffsets(desk.ack(1, 1))).toEqual([1, 2]);
  });

  test("[O3] a nack voids the later leases of its key, and the acks that were remembered", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2), entry(3), entry(4, "p2"));
    desk.ack(1, 2);
    const voided = [desk.token(1, 2), desk.token(1, 3)];
    expect(lostTokens(desk.nack(1, 1), 1)).toEqual(voided);
    const again = desk.after(200);
    expect(delivered(again)).toEqual([1, 2, 3]);
    expect(only(again, "deliver")[0]?.items.map(({ failed }) => failed)).toEqual([1, 0, 0]);
  });

  test("[O3] a nack in the middle leaves the earlier ones in hand", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2), entry(3));
    desk.nack(1, 2);
    expect(settledOffsets(desk.ack(1, 1))).toEqual([1]);
    expect(delivered(desk.after(200))).toEqual([2, 3]);
  });

  test("[O3] an event that is handed back takes the later ones of its key along", () => {
    const desk = new Desk();
    desk.seat(1, { events: 3 });
    desk.publish(entry(1), entry(2), entry(3));
    const later = [desk.token(1, 2), desk.token(1, 3)];
    const effects = desk.settle(1, { withdraws: desk.ranges(1, [1]) });
    expect(lostTokens(effects)).toEqual(later);
    expect(delivered(effects)).toEqual([1, 2, 3]);
  });

  test("[O4] by queue, all events are one key", () => {
    const desk = new Desk({ order: "queue" });
    desk.seat(1, { mode: "plain" });
    desk.seat(2, { mode: "plain" });
    expect(delivered(desk.publish(entry(1, "p1"), entry(2, "p2")))).toEqual([1]);
  });

  test("[O5] in a pool, events of one parcel go to different consumers", () => {
    const desk = new Desk({ order: "none" });
    desk.seat(1);
    desk.seat(2);
    const effects = desk.publish(entry(1), entry(2), entry(3), entry(4));
    expect(delivered(effects, 1)).toHaveLength(2);
    expect(delivered(effects, 2)).toHaveLength(2);
  });

  test("[O6] a key with many events takes its turn with the others", () => {
    const desk = new Desk();
    const hot = Array.from({ length: 20 }, (_, index) => entry(index + 1, "hot"));
    desk.backlog(...hot, entry(21, "cold"), entry(22, "cool"));
    expect(delivered(desk.seat(1, { events: 6 }))).toEqual(expect.arrayContaining([1, 2, 21, 22]));
  });
});

describe("credit", () => {
  test("[C1] no more events and no more bytes in hand than the credit", () => {
    const desk = new Desk();
    desk.seat(1, { events: 2, bytes: 1_000 });
    expect(delivered(desk.publish(entry(1), entry(2), entry(3)))).toEqual([1, 2]);
    expect(delivered(desk.ack(1, 1))).toEqual([3]);
    desk.seat(2, { events: 10, bytes: 250 });
    expect(delivered(desk.publish(entry(4, "p2"), entry(5, "p3"), entry(6, "p4")), 2)).toEqual([4, 5]);
  });

  test("[C1] an event larger than the whole credit goes into an empty hand", () => {
    const desk = new Desk();
    desk.seat(1, { events: 5, bytes: 150 });
    expect(delivered(desk.publish(entry(1), entry(2, "p2", { bytes: 900 })))).toEqual([1]);
    expect(delivered(desk.ack(1, 1))).toEqual([2]);
    expect(delivered(desk.publish(entry(3, "p3", { bytes: 1 })))).toEqual([]);
  });

  test("[C2] a lower credit takes nothing back", () => {
    const desk = new Desk();
    desk.seat(1, { events: 3 });
    desk.publish(entry(1), entry(2), entry(3), entry(4));
    expect(desk.run({ type: "credit", consumer: 1, credit: { events: 1, bytes: 10_000 } })).toEqual([]);
    expect(delivered(desk.ack(1, 1, 2))).toEqual([]);
    expect(delivered(desk.ack(1, 3))).toEqual([4]);
  });

  test("[C3] consumers take turns", () => {
    const desk = new Desk({ order: "none" });
    for (const consumer of [1, 2, 3]) desk.seat(consumer);
    const effects = desk.publish(...Array.from({ length: 9 }, (_, index) => entry(index + 1, `p${index}`)));
    expect([1, 2, 3].map((consumer) => delivered(effects, consumer).length)).toEqual([3, 3, 3]);
  });

  test("[C4] a paused subscription offers and reads nothing; what is in hand can be settled", () => {
    const desk = new Desk();
    desk.seat(1, { events: 1 });
    desk.publish(entry(1), entry(2));
    expect(only(desk.run({ type: "pause", paused: true }), "commit")[0]?.write.progress.paused).toBe(true);
    const effects = desk.ack(1, 1);
    expect(settledOffsets(effects)).toEqual([1]);
    expect(delivered(effects)).toEqual([]);
    expect(only(desk.publish(entry(3)), "read")).toEqual([]);
    expect(delivered(desk.run({ type: "pause", paused: false }))).toEqual([2]);
  });
});
