import { type Invariant, invariants } from "../workers/records.ts";

export type Violations = Record<Invariant, number>;
export type Example = { invariant: Invariant; message: string };

/**
 * What exactly was seen, where an invariant can be broken in many ways, one of them by a machine that is too slow: a planted
 * bug is caught by its own sign.
 */
export const signs = ["stranded client", "hub time"] as const;
export type Sign = (typeof signs)[number];

const EXAMPLES_PER_INVARIANT = 5;

/** Counts all, keeps the first few of each in words. */
export function createFindings() {
  const counts = Object.fromEntries(invariants.map((invariant) => [invariant, 0])) as Violations;
  const seen = new Set<Sign>();
  const examples: Example[] = [];

  function add(invariant: Invariant, message: string, count = 1): void {
    if (count <= 0) return;
    if (examples.filter((example) => example.invariant === invariant).length < EXAMPLES_PER_INVARIANT)
      examples.push({ invariant, message });
    counts[invariant] += count;
  }

  return {
    counts,
    /** Of what was found, the signs that have a name. */
    seen,
    examples,
    add,
    addSign(sign: Sign, invariant: Invariant, message: string): void {
      seen.add(sign);
      add(invariant, message);
    },
    isClean: () => Object.values(counts).every((count) => count === 0),
  };
}
export type Findings = ReturnType<typeof createFindings>;
