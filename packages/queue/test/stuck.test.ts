import { describe, expect, test } from "vitest";
import { Desk, delivered, deliveries, entry, only, settledOffsets } from "./desk.ts";

const redriven = (desk: Desk, offset: number, redrive: number) =>
  desk.run({ type: "redrive", entry: desk.durable.entry(offset), redrive, notes: desk.durable.dead.get(offset)?.notes ?? [] });

describe("stuck", () => {
  test("[B1] with `block`, the event stays first of its key, and only that key waits", () => {
    const desk = new Desk({ failedMax: 2 });
    desk.seat(1);
    desk.publish(entry(1), entry(2), entry(3, "p2"));
    desk.nack(1, 1, { delayMs: 0 });
    desk.nack(1, 1, { delayMs: 0 });
    expect(desk.engine.view().stuckKeys).toEqual(["p1"]);
    expect(settledOffsets(desk.ack(1, 3))).toEqual([3]);
    expect(delivered(desk.publish(entry(4), entry(5, "p3")))).toEqual([5]);
    expect(desk.durable.attempts.get(1)).toMatchObject({ failed: 2, stuck: true });
  });

  test("[B1] it is shown as stuck when that is stored, so that whoever looks can act on it", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"));
    desk.reject(1, 2);
    desk.autoCommit = false;
    desk.reject(1, 1);
    expect(desk.engine.view().stuckKeys).toEqual(["p2"]);
    expect(desk.engine.explain({ offset: 1, key: "p1" }, desk.nowMs).reason).toEqual({ because: "saving" });
    desk.commit();
    expect(desk.engine.view().stuckKeys).toEqual(["p2", "p1"]);
  });

  test("[B2] a dead letter is counted when it is stored, so that whoever looks finds it", () => {
    const desk = new Desk({ policy: "skip" });
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"));
    desk.reject(1, 2);
    desk.autoCommit = false;
    desk.reject(1, 1);
    expect(desk.engine.view().deadCount).toBe(1);
    desk.commit();
    expect(desk.engine.view().deadCount).toBe(2);
    expect([...desk.durable.dead.keys()]).toEqual([2, 1]);
  });

  test("[B3] a reject uses all attempts up", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    expect(only(desk.reject(1, 1), "failed")).toMatchObject([{ outcome: "stuck", failed: 1, reason: "no such street" }]);
  });

  test("[B4] the notice leaves after the commit", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.autoCommit = false;
    expect(only(desk.reject(1, 1), "failed")).toEqual([]);
    expect(only(desk.commit(), "failed")).toMatchObject([{ outcome: "stuck", consumer: 1 }]);
  });

  test("[B6] a retry starts from zero, after its commit", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    desk.reject(1, 1);
    expect(deliveries(desk.run({ type: "retry-key", key: "p1" }))).toMatchObject([{ failed: 0 }, { failed: 0 }]);
    expect(desk.durable.attempts.get(1)).toMatchObject({ failed: 0, stuck: false });
    expect(settledOffsets(desk.ack(1, 1, 2))).toEqual([1, 2]);
  });

  test("[B6] a resting key need not wait for its time", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1));
    desk.nack(1, 1, { delayMs: 86_400_000 });
    expect(delivered(desk.run({ type: "retry-key", key: "p1" }))).toEqual([1]);
  });

  test("[B7] a skip buries the first event, and the key goes on", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    desk.reject(1, 1);
    const effects = desk.run({ type: "skip-key", key: "p1", by: "ann", reason: "shop closed" });
    expect(settledOffsets(effects, "buried")).toEqual([1]);
    expect(delivered(effects)).toEqual([2]);
    expect(desk.durable.dead.get(1)?.notes.at(-1)).toMatchObject({ by: "ann", reason: "shop closed" });
  });

  test("[B7] a skip finds its event also when nobody has loaded it", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    desk.reject(1, 1);
    desk.restart();
    expect(settledOffsets(desk.run({ type: "skip-key", key: "p1", by: "ann", reason: "shop closed" }), "buried")).toEqual([1]);
    expect(delivered(desk.seat(2))).toEqual([2]);
  });
});

describe("buried", () => {
  test("[B2] [B4] with `skip` the key goes on, after the commit of the dead letter", () => {
    const desk = new Desk({ policy: "skip" });
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    desk.autoCommit = false;
    expect(settledOffsets(desk.reject(1, 1))).toEqual([]);
    expect(delivered(desk.effects)).toEqual([]);
    expect(desk.commits[0]?.write).toMatchObject({ progress: { open: [[2, 2]] }, dead: { put: [{ offset: 1 }] } });
    const effects = desk.commit();
    expect(settledOffsets(effects, "buried")).toEqual([1]);
    expect(only(effects, "failed")).toMatchObject([{ outcome: "buried", failed: 1, consumer: 1 }]);
    expect(delivered(effects)).toEqual([2]);
    expect(desk.durable.dead.get(1)).toMatchObject({ offset: 1, key: "p1", type: "pickup", redrive: 0, ref: "body 1" });
    expect(desk.durable.attempts.size).toBe(0);
  });

  test("[B2] [O2] an event that is rejected before its turn is buried when its turn has come", () => {
    const desk = new Desk({ policy: "skip" });
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    expect(settledOffsets(desk.reject(1, 2))).toEqual([]);
    const effects = desk.ack(1, 1);
    expect(settledOffsets(effects)).toEqual([1, 2]);
    expect(desk.durable.dead.has(2)).toBe(true);
  });

  test("[B5] at deadLettersMax the subscription pauses; resumed with room, it buries what waits", () => {
    const desk = new Desk({ policy: "skip", deadLettersMax: 1 });
    desk.seat(1);
    desk.publish(entry(1, "p1"), entry(2, "p2"), entry(3, "p3"));
    desk.reject(1, 1);
    desk.reject(1, 2);
    expect(desk.engine.view()).toMatchObject({ paused: true, deadCount: 1, stuckKeys: ["p2"] });
    desk.run({ type: "pause", paused: false });
    expect(desk.engine.view()).toMatchObject({ paused: true, deadCount: 1 });
    expect(desk.durable.progress.paused).toBe(true);
    desk.durable.dead.clear();
    desk.restart();
    desk.seat(2);
    expect(settledOffsets(desk.run({ type: "pause", paused: false }), "buried")).toEqual([2]);
  });

  test("[B8] a redrive is offered beside its key, and the dead letter goes when it is acked", () => {
    const desk = new Desk({ policy: "skip", failedMax: 1 });
    desk.seat(1, { events: 3 });
    desk.publish(entry(1), entry(2), entry(3));
    desk.reject(1, 1);
    expect(deliveries(redriven(desk, 1, 1)).map(({ entry: { offset }, redrive }) => [offset, redrive])).toEqual([[1, 1]]);
    expect(desk.durable.dead.has(1)).toBe(true);
    expect(only(desk.ack(1, 1), "settled")).toMatchObject([{ how: "acked", redrive: true, consumer: 1 }]);
    expect([desk.durable.dead.size, desk.durable.attempts.size, desk.engine.view().deadCount]).toEqual([0, 0, 0]);
    expect(settledOffsets(desk.ack(1, 2, 3))).toEqual([2, 3]);
  });

  test("[B8] a redrive that fails is buried again, with its whole history, whatever the policy", () => {
    const desk = new Desk({ policy: "block", failedMax: 1 });
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    desk.reject(1, 1, "first");
    desk.run({ type: "skip-key", key: "p1", by: "ann", reason: "later" });
    redriven(desk, 1, 1);
    desk.nack(1, 1, { reason: "second" });
    expect(desk.durable.dead.get(1)).toMatchObject({ redrive: 1 });
    expect(desk.durable.dead.get(1)?.notes.map(({ reason }) => reason)).toEqual(["first", "later", "second"]);
    expect(desk.engine.view().deadCount).toBe(1);
    expect(settledOffsets(desk.ack(1, 2))).toEqual([2]);
  });

  test("[B9] with another policy, what is stuck is buried; what fails afterwards follows the new one", () => {
    const desk = new Desk({ failedMax: 1 });
    desk.seat(1);
    desk.publish(entry(1), entry(2), entry(3, "p2"), entry(4, "p3"));
    desk.reject(1, 1);
    expect(settledOffsets(desk.run({ type: "policy", policy: "skip" }), "buried")).toEqual([1]);
    expect(settledOffsets(desk.reject(1, 3), "buried")).toEqual([3]);
    desk.run({ type: "policy", policy: "block" });
    desk.reject(1, 4);
    expect(desk.engine.view()).toMatchObject({ stuckKeys: ["p3"], deadCount: 2 });
  });

  test("[B9] a stuck event that nobody had loaded is buried when it is read", () => {
    const desk = new Desk();
    desk.seat(1);
    desk.publish(entry(1), entry(2));
    desk.reject(1, 1);
    desk.restart();
    desk.run({ type: "policy", policy: "skip" });
    expect(settledOffsets(desk.seat(2), "buried")).toEqual([1]);
    expect(delivered(desk.effects)).toEqual([2]);
  });

  test("[B10] a discarded letter is gone, and makes room for another", () => {
    const desk = new Desk({ policy: "skip", deadLettersMax: 1 });
    desk.seat(1);
    desk.publish(entry(1, "p1"), entry(2, "p2"));
    desk.reject(1, 1);
    desk.run({ type: "discard", offset: 1 });
    expect([desk.durable.dead.size, desk.engine.view().deadCount]).toEqual([0, 0]);
    expect(settledOffsets(desk.reject(1, 2), "buried")).toEqual([2]);
  });

  test("[B10] with it goes a redrive that waits or rests, but not one in hand", () => {
    const desk = new Desk({ policy: "skip", failedMax: 2 });
    desk.seat(1);
    desk.publish(entry(1), entry(2, "p2"));
    desk.reject(1, 1);
    desk.reject(1, 2);
    redriven(desk, 1, 1);
    desk.run({ type: "discard", offset: 1 });
    expect(desk.durable.dead.has(1)).toBe(true);
    desk.nack(1, 1, { delayMs: 500 });
    expect(settledOffsets(desk.run({ type: "discard", offset: 1 }), "discarded")).toEqual([1]);
    expect(delivered(desk.after(500))).toEqual([]);
    desk.run({ type: "withdraw", consumer: 1 });
    redriven(desk, 2, 1);
    desk.run({ type: "discard", offset: 2 });
    expect(delivered(desk.seat(2))).toEqual([]);
    expect([desk.durable.dead.size, desk.durable.attempts.size, desk.engine.view().deadCount]).toEqual([0, 0, 0]);
  });
});
