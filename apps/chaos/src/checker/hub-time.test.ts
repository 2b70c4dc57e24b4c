import { expect, test } from "vitest";
import { createFindings } from "./findings.ts";
import { type HubTimeLook, judgeHubTime } from "./hub-time.ts";

const DAY_MS = 86_400_000;
/** Each look takes 10 ms, and the hub reads its clock in the middle. */
const look = (atMs: number, hubMs: number, life = 1): HubTimeLook => ({ life, hubMs, askedMs: atMs - 5, toldMs: atMs + 5 });

function found(...looks: HubTimeLook[]): number {
  const findings = createFindings();
  judgeHubTime(looks, findings);
  expect(findings.seen.has("hub time")).toBe(findings.counts.I8 > 0);
  return findings.counts.I8;
}

test("hub time goes with true time, also while an answer takes long", () => {
  expect(found(look(0, 1_000), look(1_000, 2_000), look(9_000, 10_000))).toBe(0);
  expect(found(look(0, 1_000), { life: 1, hubMs: 2_000, askedMs: 900, toldMs: 7_000 })).toBe(0);
});

test.each([
  ["forwards by an hour", 3_601_000],
  ["forwards by a second too much", 3_001],
  ["backwards", -3_599_000],
  ["not at all", 1_000],
])("in one life it jumps %s: found", (_how, hubMs) => {
  expect(found(look(0, 1_000), look(1_000, hubMs))).toBe(1);
});

test("over a restart it may go forwards by a day, and back by what was not saved", () => {
  expect(found(look(0, 1_000), look(2_000, 3_000 + DAY_MS, 2))).toBe(0);
  expect(found(look(0, 100_000), look(2_000, 99_000, 2))).toBe(0);
  expect(found(look(0, 1_000), look(2_000, 3_000 + 3 * DAY_MS, 2))).toBe(1);
  expect(found(look(0, 1_000), look(2_000, 3_000 + 3 * DAY_MS, 4))).toBe(0);
  expect(found(look(0, 10 * DAY_MS), look(2_000, 1_000, 2))).toBe(1);
});
