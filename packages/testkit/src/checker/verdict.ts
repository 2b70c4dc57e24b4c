export type ViolationKind =
  /** Confirmed and never applied; also a job that was taken whose `claimed` never came. */
  | "lost"
  /** Applied against the order of its parcel. */
  | "misordered"
  /** One event applied twice, under whatever offset. */
  | "applied-twice"
  /** Applied and never published, or with another parcel, type or store; a `claimed` that nobody asked for. */
  | "invented"
  /** Refused for good by the hub, and applied all the same. */
  | "refused-applied"
  /** One event with two places, or two events with one. */
  | "moved"
  /** Two drivers held one job at one time. */
  | "held-twice"
  /** A job's pickup was confirmed to a driver that did not hold it. */
  | "picked-up-unheld";

export type Violation = { kind: ViolationKind; parcel: string; message: string };

export type TypeCounts = { published: number; confirmed: number; handled: number };

export type Verdict = {
  /** Distinct events that publishers set out to publish. */
  published: number;
  /** Of these, the hub has said that it has them. */
  confirmed: number;
  /** Of these, applied by their store. */
  handled: number;
  /** Refused for good. */
  refused: number;
  lost: number;
  misordered: number;
  appliedTwice: number;
  invented: number;
  heldTwice: number;
  /** Repeats that were recognised: publishes by the hub, deliveries by the vendor. */
  duplicatesRemoved: number;
  /** Parcels whose last word is that they wait for a driver: asked for, neither held, picked up nor cancelled. */
  waiting: number;
  /** Jobs that drivers were told they hold, handed-back ones included. */
  taken: number;
  byType: Record<string, TypeCounts>;
  violations: Record<ViolationKind, number>;
  /** The first hundred. */
  examples: readonly Violation[];
};

export const isClean = (verdict: Verdict): boolean => Object.values(verdict.violations).every((count) => count === 0);

const EXAMPLES_MAX = 100;

/** Collects violations: all are counted, the first hundred kept. */
export function createFindings() {
  const counts: Record<ViolationKind, number> = {
    lost: 0,
    misordered: 0,
    "applied-twice": 0,
    invented: 0,
    "refused-applied": 0,
    moved: 0,
    "held-twice": 0,
    "picked-up-unheld": 0,
  };
  const examples: Violation[] = [];
  return {
    counts,
    examples,
    add(violation: Violation): void {
      counts[violation.kind]++;
      if (examples.length < EXAMPLES_MAX) examples.push(violation);
    },
  };
}
export type Findings = ReturnType<typeof createFindings>;
