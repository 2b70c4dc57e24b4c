import { sourceName } from "./bench-event.ts";
import { dealt } from "./dealt.ts";

/** Who publishes where. `own`: each store has one producer; else each producer publishes into all of them. */
export type Spread = { producers: number; stores: readonly number[]; own?: boolean };
export type Load = Spread & { phase: string; events: number };

/** The stores of a producer, in the order in which they take turns: from its own on. */
export function turnsOf(producer: number, { producers, stores, own = false }: Spread): number[] {
  if (own) return stores.filter((_, index) => index % producers === producer);
  return stores.map((_, turn) => stores[(producer + turn) % stores.length] ?? 0);
}

/** What such a load publishes: how many events each producer, and how many each source. */
export function sourcesOf({ phase, events, ...spread }: Load): { shares: number[]; expected: Record<string, number> } {
  const shares = dealt(events, spread.producers);
  const expected: Record<string, number> = {};
  for (const [producer, share] of shares.entries()) {
    const stores = turnsOf(producer, spread);
    const perTurn = dealt(share, stores.length);
    for (const [turn, count] of perTurn.entries()) if (count > 0) expected[sourceName(phase, producer, stores[turn] ?? 0)] = count;
  }
  return { shares, expected };
}
