import type { Judgement } from "./checker/checker.ts";
import type { OldOrders } from "./checker/old-orders.ts";
import type { Peaks } from "./crew/watch-limits.ts";
import { allFaultKinds, type FaultKind, faultKinds } from "./plan/fault-kinds.ts";
import type { Invariant } from "./workers/records.ts";

export type ChaosRun = {
  seed: number;
  seconds: number;
  faults: ReadonlyMap<FaultKind, number>;
  /** The same, by kind and variant. */
  variants: ReadonlyMap<string, number>;
  /** Of the windows that were not calm. */
  brokenSeconds: number;
  /** Events that waited when all vendors came back at once. */
  backlogMax: number;
  /** SIGKILLs: of the schedule, and those that events asked for. */
  kills: number;
  drainMs: number | null;
  peaks: Peaks;
  /** Of old parcel clients; `null`: they took no part. */
  oldOrders: OldOrders | null;
  judgement: Judgement;
  /** Faults that cannot be made here, and why. */
  leftOut: readonly string[];
};

/** The last line, for programs. */
export function summaryOf(run: ChaosRun): Record<string, unknown> {
  const { seed, seconds, faults, variants, kills, brokenSeconds, backlogMax, drainMs, peaks, oldOrders, judgement, leftOut } = run;
  const { findings, published, confirmed, handled, refused, stuck, behind, stuckHealthy, appliedYetPending, proved } = judgement;
  return {
    ok: findings.isClean(),
    seed,
    seconds,
    faults: Object.fromEntries(allFaultKinds.map((kind) => [kind, faults.get(kind) ?? 0])),
    variants: Object.fromEntries([...variants].sort(([a], [b]) => (a < b ? -1 : 1))),
    brokenSeconds,
    kills,
    published,
    confirmed,
    handled,
    deadLettered: stuck,
    behindThem: behind,
    stuckHealthy,
    appliedYetPending,
    refused,
    ...(oldOrders === null ? {} : { oldOrders }),
    backlogMax,
    drainMs,
    ...peaks,
    proved: Object.fromEntries(proved),
    leftOut,
    violations: findings.counts,
  };
}

const count = (value: number): string => value.toLocaleString("en");

/** For people. */
export function describeRun({ seed, faults, kills, drainMs, oldOrders, judgement, leftOut }: ChaosRun): string {
  const { findings, confirmed, handled, stuck, behind } = judgement;
  const drawn = [...faults].map(([kind, times]) => `${faultKinds[kind].number} ${kind} ${times}`).join(", ");
  const broken = Object.entries(findings.counts).filter(([, times]) => times > 0);
  const lines = [
    `seed ${seed}: ${drawn || "no faults"}; ${count(kills)} SIGKILLs`,
    `${count(confirmed)} confirmed, ${count(handled)} handled, ${count(stuck)} stuck with ${count(behind)} behind them; drained in ${drainMs ?? "–"} ms`,
    ...(oldOrders ? [`${count(oldOrders.ordered)} orders of old parcel clients confirmed, ${count(oldOrders.delivered)} delivered`] : []),
    ...leftOut.map((why) => `left out: ${why}`),
    ...broken.map(([invariant, times]) => `${invariant} ${meanings[invariant as Invariant]}: ${count(times)}`),
    ...findings.examples.map(({ invariant, message }) => `  ${invariant}: ${message}`),
    broken.length === 0 ? "Nothing lost, nothing invented, nothing out of order." : "The promise was broken.",
  ];
  return `${lines.join("\n")}\n`;
}

export const meanings: Readonly<Record<Invariant, string>> = {
  I1: "lost",
  I2: "invented or changed",
  I3: "applied twice",
  I4: "out of order",
  I5: "confirmed before it was durable",
  I6: "moved, or a number or id used twice",
  I7: "the hub's numbers do not add up",
  I8: "does not go on",
  I9: "given to others",
  I10: "left the outbox before its answer",
  I11: "refused and yet there",
  I12: "a stale owner was believed",
  I13: "limits exceeded",
  I14: "not honestly refused, or the hub ended by itself",
};
