import { isClean } from "@waybill/testkit";
import type { PlanTotals } from "../plan/planned-parcel.ts";
import type { ReplayRun } from "./run-replay.ts";

/** What a run should have come to. */
export type Expected = PlanTotals & { kills: number };

/** All that is wrong with a run, in words; empty: nothing. */
export function faultsOf({ verdict, kills, gaveUp }: ReplayRun, expected: Expected): string[] {
  const faults: string[] = [];
  const must = (what: string, is: number, should: number) => {
    if (is !== should) faults.push(`${what}: ${is.toLocaleString("en")} instead of ${should.toLocaleString("en")}`);
  };
  if (gaveUp) faults.push("Nothing moved any more before all was done; the run was given up.");
  must("published", verdict.published, expected.published);
  must("confirmed", verdict.confirmed, expected.published);
  must("handled", verdict.handled, expected.published);
  must("refused", verdict.refused, 0);
  must("waiting in the pools", verdict.waiting, expected.waiting);
  must("kills", kills, expected.kills);
  for (const [kind, count] of Object.entries(verdict.violations)) must(kind, count, 0);
  return faults;
}

/** The last line, for programs. */
export function summaryOf(run: ReplayRun, expected: Expected, seed: number): Record<string, unknown> {
  const { verdict, kills, seconds } = run;
  const { published, confirmed, handled, lost, misordered, duplicatesRemoved, heldTwice, appliedTwice, invented, waiting, byType } =
    verdict;
  return {
    ok: isClean(verdict) && faultsOf(run, expected).length === 0,
    published,
    confirmed,
    handled,
    lost,
    misordered,
    duplicatesRemoved,
    heldTwice,
    appliedTwice,
    invented,
    waiting,
    kills,
    seconds: Math.round(seconds * 10) / 10,
    seed,
    byType,
  };
}

/** For people: a table of the event types, then what is wrong. */
export function describeRun(run: ReplayRun, expected: Expected): string {
  const rows = Object.entries(run.verdict.byType).map(
    ([type, { published, confirmed, handled }]) => [type, published, confirmed, handled] as const,
  );
  const width = (value: string | number, columns: number) => value.toLocaleString("en").padStart(columns);
  const table = [
    `  ${"".padEnd(12)}${width("published", 11)}${width("confirmed", 11)}${width("handled", 11)}`,
    ...rows.map(([type, ...counts]) => `  ${type.padEnd(12)}${counts.map((count) => width(count, 11)).join("")}`),
  ];
  const faults = faultsOf(run, expected);
  const examples = run.verdict.examples.slice(0, 10).map(({ kind, message }) => `  ${kind}: ${message}`);
  const waiting = `  ${run.verdict.waiting.toLocaleString("en")} parcels wait in the pools: neither picked up nor cancelled.`;
  const end =
    faults.length === 0 ? ["  Nothing lost, nothing out of order."] : ["Wrong:", ...faults.map((fault) => `  ${fault}`), ...examples];
  return [...table, "", waiting, ...end, ""].join("\n");
}
