import { expect, test } from "vitest";
import { planBacklogs } from "./backlogs.ts";

test("vendors stay away once in a minute's run, three times in ten minutes, and come back before the end", () => {
  expect(planBacklogs(20)).toEqual([]);
  expect(planBacklogs(60)).toEqual([{ atMs: 24_000, lastsMs: 10_000 }]);
  const long = planBacklogs(600);
  expect(long).toHaveLength(3);
  for (const { atMs, lastsMs } of long) expect(atMs + lastsMs).toBeLessThan(600_000);
});
