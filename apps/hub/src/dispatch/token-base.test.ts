import { expect, test } from "vitest";
import { rebased, shifted } from "./token-base.ts";

test("tokens of this engine are counted from its base, those of an earlier one are dropped; gaps are offsets", () => {
  const settle = {
    epoch: 4,
    acks: [
      [1, 3],
      [8, 12],
      [14, 14],
    ] as [number, number][],
    nacks: [
      { token: 5, reason: "old" },
      { token: 11, reason: "new" },
    ],
    started: [[9, 10]] as [number, number][],
    gaps: [[1, 48]] as [number, number][],
  };
  expect(rebased(settle, 10)).toEqual({
    epoch: 4,
    acks: [
      [1, 2],
      [4, 4],
    ],
    nacks: [{ token: 1, reason: "new" }],
    started: [],
    gaps: [[1, 48]],
  });
});

test("what clients are told is shifted back", () => {
  expect(shifted([[1, 2]], 10)).toEqual([[11, 12]]);
});
