import { settleSchema } from "@waybill/events";
import { expect, test } from "vitest";
import { ACK, SettleBuffer, TokenRanges, WITHDRAW } from "./settle-buffer.ts";

const REJECT = { kind: "reject", reason: 'a "quote"' } as const;
/** Braces, and the names of all fields. */
const FIELDS_BYTES = 100;

const take = (ranges: TokenRanges): [from: number, to: number][] => JSON.parse(ranges.take());
const rangesOf = (tokens: readonly number[]) => {
  const ranges = new TokenRanges();
  for (const token of tokens) ranges.add(token);
  return take(ranges);
};

test("tokens become ranges, in whatever order they come, and once taken they are gone", () => {
  expect(rangesOf([])).toEqual([]);
  expect(rangesOf([3, 1, 2, 7, 9, 8, 12, 12])).toEqual([
    [1, 3],
    [7, 9],
    [12, 12],
  ]);
  const ranges = new TokenRanges();
  ranges.add(1);
  take(ranges);
  expect(ranges.add(2)).toBe(true);
  expect(take(ranges)).toEqual([[2, 2]]);
});

/** Pseudo-random, the same each time. */
function* numbers(below: number, count: number): Generator<number> {
  let state = 1;
  for (let index = 0; index < count; index += 1) {
    state = (state * 48_271) % 2_147_483_647;
    yield 1 + (state % below);
  }
}

test.each([5, 60, 400])("any tokens are in exactly the ranges that are made of them, which are as few as can be: 60 of %i", (below) => {
  const tokens = [...numbers(below, 60)];
  const ranges = rangesOf(tokens);
  const within = ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
  expect(within).toEqual([...new Set(tokens)].sort((a, b) => a - b));
  for (const [index, [from]] of ranges.entries()) expect(from).toBeGreaterThan((ranges[index - 1]?.[1] ?? -1) + 1);
});

test.each([1, 2, 3, 100])("its message is never longer than it says, with every %i. of the longest tokens", (step) => {
  const buffer = new SettleBuffer();
  for (let index = 0; index < 100; index += 1) {
    const token = Number.MAX_SAFE_INTEGER - 10_000 + index * step;
    buffer.add(token, [ACK, REJECT, WITHDRAW][index % 5] ?? ACK);
    buffer.started(token);
  }
  const { bytes } = buffer;
  expect(buffer.take(1, 1)?.length).toBeLessThanOrEqual(bytes + FIELDS_BYTES);
});

test("a message has what was gathered, keeps the contract, and empties the buffer", () => {
  const buffer = new SettleBuffer();
  buffer.add(1, ACK);
  buffer.add(2, ACK);
  buffer.add(3, { kind: "nack", delayMs: 5 });
  buffer.add(4, REJECT);
  buffer.add(5, WITHDRAW);
  buffer.started(6);
  buffer.extend(7);
  expect(settleSchema.parse(JSON.parse(buffer.take(1, 1) ?? ""))).toEqual({
    sub: 1,
    epoch: 1,
    acks: [[1, 2]],
    nacks: [{ token: 3, delayMs: 5 }],
    rejects: [{ token: 4, reason: REJECT.reason }],
    withdraws: [[5, 5]],
    started: [[6, 6]],
    extends: [[7, 7]],
  });
  expect(buffer.take(1, 1)).toBeNull();
});
