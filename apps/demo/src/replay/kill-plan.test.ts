import { createChance } from "@waybill/testkit";
import { expect, test } from "vitest";
import { planKills } from "./kill-plan.ts";

const counts = { hub: 20, driver: 20, vendor: 20 };

test("so many of each kind, in the order of their moments, all before the end", () => {
  const kills = planKills(counts, 44_700, createChance(1));
  expect(kills).toHaveLength(60);
  for (const kind of ["hub", "driver", "vendor"]) expect(kills.filter((kill) => kill.kind === kind)).toHaveLength(20);
  expect(kills.map(({ at }) => at)).toEqual(kills.map(({ at }) => at).toSorted((a, b) => a - b));
  expect(kills.every(({ at }) => at >= 894 && at <= 42_465)).toBe(true);
});

test("one seed draws one plan, and one kind's count does not move another's moments", () => {
  const hubOf = (kills: ReturnType<typeof planKills>) => kills.filter(({ kind }) => kind === "hub");
  expect(planKills(counts, 1_000, createChance(5))).toEqual(planKills(counts, 1_000, createChance(5)));
  expect(planKills(counts, 1_000, createChance(5))).not.toEqual(planKills(counts, 1_000, createChance(6)));
  expect(hubOf(planKills({ ...counts, driver: 3 }, 1_000, createChance(5)))).toEqual(hubOf(planKills(counts, 1_000, createChance(5))));
});
