import { expect, test } from "vitest";
import { turnMs } from "./turn-clock.ts";

function spend(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

test("within a turn it stands still, and goes on behind it", async () => {
  const first = turnMs();
  spend(3);
  expect(turnMs()).toBe(first);
  await new Promise(setImmediate);
  const next = turnMs();
  expect(next).toBeGreaterThanOrEqual(first + 3);
  expect(next).toBeLessThanOrEqual(performance.now());
});
