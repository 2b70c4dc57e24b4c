import { expect, test } from "vitest";
import { ok, warning, wrong } from "./check.ts";
import { reportLines } from "./report-lines.ts";

const checks = [
  ok("Node", "24.9.0"),
  warning("backup", "None was ever made.", "Make one: npm run waybill -- backup"),
  wrong("stuck", "Parcels wait behind events that failed too often: store/acme.", "npm run waybill -- key ls store/acme"),
];

test("what was found, and below it what to do; the verdict last", () => {
  expect(reportLines(checks, 100)).toEqual([
    "ok       Node    24.9.0",
    "warning  backup  None was ever made.",
    "                 → Make one: npm run waybill -- backup",
    "wrong    stuck   Parcels wait behind events that failed too often: store/acme.",
    "                 → npm run waybill -- key ls store/acme",
    "",
    "1 wrong, 1 warning, 1 ok.",
  ]);
  expect(reportLines(checks.slice(0, 1), 100).at(-1)).toBe("All 1 checks are ok.");
});

test("lines fit the terminal, broken at spaces", () => {
  const lines = reportLines(checks, 50);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(50);
  expect(lines).toContain("wrong    stuck   Parcels wait behind events that");
});
