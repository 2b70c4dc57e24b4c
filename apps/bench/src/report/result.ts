import { type Spread, spreadOf } from "../measure/medians.ts";
import type { Account } from "../measure/tally.ts";
import { isOwn } from "../peers/catalogue.ts";
import type { Row, Workload } from "../workload.ts";

/** One peer in one situation, over all runs. */
export type Result = {
  peer: string;
  at: string;
  durable: string;
  /** Each event came, and came once; each parcel's in their order. */
  exact: boolean;
  ordered: boolean;
  spreads: Readonly<Record<string, Spread>>;
  faults: readonly string[];
};

export const isExact = ({ missing, twice, unknown }: Account): boolean => missing + twice + unknown === 0;

export function resultsOf({ measures }: Workload, runs: readonly (readonly Row[])[]): Result[] {
  const rows = runs.flat();
  const places = new Map(rows.map((row) => [`${row.peer} ${row.at}`, row]));
  return [...places.values()].map(({ peer, at, durable }) => {
    const own = rows.filter((row) => row.peer === peer && row.at === at);
    const spreads = Object.keys(measures).map((key): [string, Spread] => [
      key,
      spreadOf(own.map(({ values }) => values[key] ?? Number.NaN)),
    ]);
    return {
      peer,
      at,
      durable,
      exact: own.every(({ account }) => isExact(account)),
      ordered: own.every(({ account }) => account.disorder === 0),
      spreads: Object.fromEntries(spreads),
      faults: [...new Set(own.flatMap((row) => [...row.faults, ...faultsIn(row.account)]))],
    };
  });
}

/** What others promise, they answer for. */
export const isClean = (results: readonly Result[]): boolean =>
  results.filter(({ peer }) => isOwn(peer)).every(({ exact, ordered, faults }) => exact && ordered && faults.length === 0);

function faultsIn({ handled, ...wrong }: Account): string[] {
  const words = { missing: "missing", twice: "handled twice", unknown: "never published", disorder: "out of order" };
  const found = Object.entries(words).filter(([key]) => (wrong[key as keyof typeof wrong] ?? 0) > 0);
  return found.map(
    ([key, word]) => `${wrong[key as keyof typeof wrong].toLocaleString("en")} of ${handled.toLocaleString("en")} events ${word}`,
  );
}

/** For programs. */
export function summaryOf(workload: Workload, runs: number, results: readonly Result[]): Record<string, unknown> {
  return {
    ok: isClean(results),
    workload: workload.name,
    runs,
    results: results.map(({ spreads, ...result }) => ({
      ...result,
      ...Object.fromEntries(Object.entries(spreads).map(([key, { median }]) => [key, rounded(median)])),
      spread: Object.fromEntries(Object.entries(spreads).map(([key, { min, max }]) => [key, [rounded(min), rounded(max)]])),
    })),
  };
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
