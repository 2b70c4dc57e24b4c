import { expect, test } from "vitest";
import { Desk, delivered, entry, settledOffsets } from "./desk.ts";

test("published, delivered, acked", () => {
  const desk = new Desk();
  desk.seat(1);
  expect(delivered(desk.publish(entry(1), entry(2), entry(3, "p2")))).toEqual([1, 2, 3].sort());
  expect(settledOffsets(desk.ack(1, 1, 2, 3))).toEqual([1, 2, 3]);
  expect(desk.durable.progress).toEqual({ generation: 1, cursor: 3, open: [], offeredTo: 3, paused: false });
});
