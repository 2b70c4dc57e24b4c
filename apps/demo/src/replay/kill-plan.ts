import type { Chance } from "@waybill/testkit";

export type KillKind = "hub" | "driver" | "vendor";
/** `at`: when so many publishes are confirmed. */
export type PlannedKill = { at: number; kind: KillKind };

/**
 * Draws the moments over the count of confirmed events, not over time: however fast the run, it does not end before its
 * kills. Between 2 % and 95 % of all, so that there is something before and after each.
 */
export function planKills(counts: Readonly<Record<KillKind, number>>, published: number, chance: Chance): PlannedKill[] {
  const kinds: readonly KillKind[] = ["hub", "driver", "vendor"];
  const drawn = kinds.flatMap((kind) => {
    const stream = chance.split(`kill/${kind}`);
    return Array.from({ length: counts[kind] }, () => ({
      kind,
      at: stream.int(Math.ceil(published * 0.02), Math.floor(published * 0.95)),
    }));
  });
  return drawn.sort((a, b) => a.at - b.at);
}
