import { expect, test } from "vitest";
import { pointsOf, spread } from "./points.ts";

test("points are those of the thread that changes most, call by call", () => {
  const log = ["1 pwrite64() = 1", "2 pwrite64() = 1", "2 pwrite64() = 1", "2 fsync() = 0", "1 +++ exited with 0 +++"].join("\n");
  expect(pointsOf("ack", log)).toEqual([
    { script: "ack", call: "pwrite64", n: 1 },
    { script: "ack", call: "pwrite64", n: 2 },
    { script: "ack", call: "fsync", n: 1 },
  ]);
});

test("a few points are spread over all, and another shift takes others", () => {
  const points = Array.from({ length: 100 }, (_, i) => ({ script: "ack" as const, call: "fsync", n: i + 1 }));
  expect(spread(points, 4, 0).map(({ n }) => n)).toEqual([1, 26, 51, 76]);
  expect(spread(points, 4, 0.5).map(({ n }) => n)).toEqual([13, 38, 63, 88]);
  expect(spread(points, 200, 0)).toEqual(points);
});
