import type { Proof } from "../src/hub-parts.ts";

const nothing = (): void => {};

/** Counts and logs nothing; for tests of parts that have to tell somebody. */
export const quietProof: Proof = {
  connected: nothing,
  left: nothing,
  published: nothing,
  stored: nothing,
  duplicates: nothing,
  refused: nothing,
  delivered: nothing,
  settled: nothing,
  failed: nothing,
  warn: nothing,
  fault: nothing,
};
