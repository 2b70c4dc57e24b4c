import { expect, test } from "vitest";
import { longMs, runSim } from "./run-sim.ts";

test("a thousand schedules are clean", { timeout: longMs }, async () => {
  const { code, verdict, stderr } = await runSim("--schedules", "1000", "--seed", "1", "--workers", "1");
  expect(stderr).toBe("");
  expect(verdict).toMatchObject({ schedules: 1_000, failingSeeds: [] });
  expect(code).toBe(0);
});
