import { sourceName } from "./bench-event.ts";
import { dealt } from "./dealt.ts";

export type Load = { phase: string; events: number; producers: number; stores: readonly number[] };

/** What such a load publishes: how many events each producer, and how many each source. A producer's stores take turns, from its own on. */
export function sourcesOf({ phase, events, producers, stores }: Load): { shares: number[]; expected: Record<string, number> } {
  const shares = dealt(events, producers);
  const expected: Record<string, number> = {};
  for (const [producer, share] of shares.entries()) {
    const perTurn = dealt(share, stores.length);
    for (const [turn, count] of perTurn.entries()) {
      const store = stores[(producer + turn) % stores.length] ?? 0;
      if (count > 0) expected[sourceName(phase, producer, store)] = count;
    }
  }
  return { shares, expected };
}
