/** The queue engine: what happens next, as data. Start reading at SPEC.md, then engine.ts. */
export { createEngine } from "./engine.ts";
export { checkInvariants } from "./invariant.ts";
export { comesFrom, planReset, type ResetCounts, type ResetPlan, type ResetWrite, resetTarget, type Standing } from "./reset.ts";
export { compareDatabase, type Resumption } from "./resume.ts";
export * from "./types.ts";
