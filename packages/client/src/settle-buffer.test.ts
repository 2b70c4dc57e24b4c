import { settleSchema } from "@waybill/events";
import { expect, test } from "vitest";
import { ACK, SettleBuffer, toRanges, WITHDRAW } from "./settle-buffer.ts";

test("tokens become ranges, in whatever order they come", () => {
  expect(toRanges([])).toEqual([]);
  expect(toRanges([3, 1, 2, 7, 9, 8, 12])).toEqual([
    [1, 3],
    [7, 9],
    [12, 12],
  ]);
});

test("a message has what was gathered, keeps the contract, and empties the buffer", () => {
  const buffer = new SettleBuffer();
  buffer.add(1, ACK);
  buffer.add(2, ACK);
  buffer.add(3, { kind: "nack", delayMs: 5 });
  buffer.add(4, { kind: "reject", reason: "no" });
  buffer.add(5, WITHDRAW);
  buffer.started(6);
  buffer.extend(7);
  const message = buffer.take();
  expect(settleSchema.parse({ sub: 1, epoch: 1, ...message })).toEqual({
    sub: 1,
    epoch: 1,
    acks: [[1, 2]],
    nacks: [{ token: 3, delayMs: 5 }],
    rejects: [{ token: 4, reason: "no" }],
    withdraws: [[5, 5]],
    started: [[6, 6]],
    extends: [[7, 7]],
  });
  expect(buffer.take()).toBeNull();
});
