import { expect, test } from "vitest";
import { Latencies } from "./latencies.ts";
import { spreadOf } from "./medians.ts";

test("the median of an odd and of an even number of runs, with the least and the most", () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(() => spreadOf([])).toThrow("No value");
});

test("latencies are told by share, in ms; more than there is room for is left out", () => {
  const latencies = new Latencies(1_000);
  for (let us = 1_000_000; us > 0; us -= 1_000) latencies.add(us);
  latencies.add(1);
  expect([latencies.at(0), latencies.at(0.5), latencies.at(0.99), latencies.at(0.999), latencies.at(1)]).toEqual([
    1, 501, 991, 1_000, 1_000,
  ]);
  expect(new Latencies(1).at(0.5)).toBe(0);
});
