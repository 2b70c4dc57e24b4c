import { type Invariant, invariants } from "../workers/records.ts";

export type Violations = Record<Invariant, number>;
export type Example = { invariant: Invariant; message: string };

const EXAMPLES_PER_INVARIANT = 5;

/** Counts all, keeps the first few of each in words. */
export function createFindings() {
  const counts = Object.fromEntries(invariants.map((invariant) => [invariant, 0])) as Violations;
  const examples: Example[] = [];
  return {
    counts,
    examples,
    add(invariant: Invariant, message: string, count = 1) {
      if (count <= 0) return;
      if (examples.filter((example) => example.invariant === invariant).length < EXAMPLES_PER_INVARIANT)
        examples.push({ invariant, message });
      counts[invariant] += count;
    },
    isClean: () => Object.values(counts).every((count) => count === 0),
  };
}
export type Findings = ReturnType<typeof createFindings>;
