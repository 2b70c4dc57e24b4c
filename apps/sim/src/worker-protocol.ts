/** What the command and its worker processes say to each other. */
import type { BugName } from "./bugs/catalogue.ts";
import type { Finding } from "./judge/history.ts";
import type { Plan } from "./plan/plan.ts";

export type Job =
  /** `isFirstEnough`: it ends at its first failure. */
  | { kind: "seeds"; from: number; count: number; without: readonly number[]; bug: BugName | null; isFirstEnough: boolean }
  /** With its own seed and those that follow, `count` in all; it ends at its first failure. */
  | { kind: "plan"; plan: Plan; count: number; bug: BugName | null }
  /** Leaves out of the plan what its violation does not need. */
  | { kind: "shrink"; seed: number; without: readonly number[] };

export type Failure = { seed: number; findings: readonly Finding[] };
export type Batch = {
  kind: "batch";
  schedules: number;
  confirmed: number;
  handled: number;
  tasks: number;
  /** Of the process, with its helpers: compiling and collecting. Without what a failure's report costs. */
  cpuMs: number;
  /** Of all that happened in them. */
  hash: string;
  failures: readonly Failure[];
};
export type Shrunk = { kind: "shrunk"; seed: number; without: readonly number[]; plan: Plan; findings: readonly Finding[] };
export type Answer = { kind: "ready" } | Batch | Shrunk;
