/** Where a consumer's own database is, against what it has acked [J*]. Pure; what to do about it is the hub's. */
import type { DatabasePosition } from "@waybill/events";
import type { Progress } from "./types.ts";

/**
 * `agrees`: nothing to do. `behind`: it is an older copy; the group is to be set back to `first`. `unknown`: its offset may name
 * another event now.
 */
export type Resumption = { is: "agrees" } | { is: "behind"; first: number } | { is: "unknown" };

/** `firstGeneration`: lower ones were counted before a restore. */
export function compareDatabase(
  position: DatabasePosition,
  { generation, ackedTo }: Pick<Progress, "generation" | "ackedTo">,
  firstGeneration: number,
): Resumption {
  const isEmpty = position.offset === 0;
  if (!isEmpty && (position.generation < firstGeneration || position.generation > generation)) return { is: "unknown" };
  return position.offset >= ackedTo ? { is: "agrees" } : { is: "behind", first: position.offset + 1 };
}
