import { expect, test } from "vitest";
import { bugNames } from "../src/bugs/catalogue.ts";
import { longMs, runSim } from "./run-sim.ts";

test("each planted bug is caught within a thousand schedules", { timeout: longMs }, async () => {
  const { code, verdict } = await runSim("--bug", "all", "--schedules", "1000");
  expect(verdict).toMatchObject({ ok: true, caught: Object.fromEntries(bugNames.map((name) => [name, expect.anything()])) });
  expect(bugNames.length).toBeGreaterThanOrEqual(8);
  expect(code).toBe(0);
});
