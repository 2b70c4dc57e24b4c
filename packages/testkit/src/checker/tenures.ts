import type { PublisherRecord } from "./records.ts";
import type { Findings } from "./verdict.ts";

/** From a take to the handback: one driver has one job. Certain from `heldT` to `endT`; both are the driver's own times. */
export type Tenure = {
  driver: string;
  parcel: string;
  store: string;
  claim: number;
  takeT: number;
  heldT: number;
  endT: number;
  /** The same job once more, after a handback that never reached the hub. */
  isAgain: boolean;
};

const keyOf = (parcel: string, driver: string) => `${parcel} ${driver}`;

/** Who held which job when, from the drivers' records alone. */
export function createTenures() {
  const byParcel = new Map<string, Tenure[]>();
  const byHolder = new Map<string, Tenure[]>();
  /** The first take that has no answer yet. */
  const asked = new Map<string, number>();
  const everAsked = new Set<string>();
  const everHandedBack = new Set<string>();

  function hold(record: Extract<PublisherRecord, { kind: "held" }>): void {
    const key = keyOf(record.parcel, record.driver);
    const takeT = asked.get(key) ?? record.t;
    asked.delete(key);
    const own = byHolder.get(key) ?? [];
    // Told again, after a restart or a repeated take; the claim may have moved on by the driver's own pickup.
    if (own.at(-1)?.endT === Number.POSITIVE_INFINITY) return;
    const { driver, parcel, store, claim, t } = record;
    const isAgain = own.some((tenure) => tenure.claim === claim);
    const tenure: Tenure = { driver, parcel, store, claim, takeT, heldT: t, endT: Number.POSITIVE_INFINITY, isAgain };
    byHolder.set(key, [...own, tenure]);
    byParcel.set(parcel, [...(byParcel.get(parcel) ?? []), tenure]);
  }

  return {
    byParcel,
    add(record: PublisherRecord): void {
      if (record.kind === "held") hold(record);
      if (record.kind !== "take" && record.kind !== "not-held" && record.kind !== "handback") return;
      const key = keyOf(record.parcel, record.driver);
      if (record.kind === "take") {
        everAsked.add(key);
        if (!asked.has(key)) asked.set(key, record.t);
      } else if (record.kind === "not-held") {
        asked.delete(key);
      } else {
        everHandedBack.add(key);
        const last = byHolder.get(key)?.at(-1);
        if (last) last.endT = Math.min(last.endT, record.t);
      }
    },
    /** The driver's tenures of the parcel, in their order: one for each `claimed`. */
    of: (parcel: string, driver: string): readonly Tenure[] =>
      (byHolder.get(keyOf(parcel, driver)) ?? []).filter(({ isAgain }) => !isAgain),
    wasAsked: (parcel: string, driver: string): boolean => everAsked.has(keyOf(parcel, driver)) || byHolder.has(keyOf(parcel, driver)),
    wasHandedBack: (parcel: string, driver: string): boolean => everHandedBack.has(keyOf(parcel, driver)),
    count: (): number => [...byParcel.values()].flat().filter(({ isAgain }) => !isAgain).length,
  };
}
export type Tenures = ReturnType<typeof createTenures>;

/**
 * Two drivers with one job at one time: by their own clocks, which are one clock, or by one claim told to both.
 * A store's cancel ends what the holder has not heard of yet, so from its intent on nothing is certain.
 */
export function findHeldTwice(tenures: Tenures, cancelIntentTs: ReadonlyMap<string, readonly number[]>, findings: Findings): void {
  for (const [parcel, all] of tenures.byParcel) {
    const cancels = cancelIntentTs.get(parcel) ?? [];
    const byClaim = new Map<number, string>();
    let last: { driver: string; endT: number } | null = null;
    for (const tenure of all.toSorted((a, b) => a.heldT - b.heldT)) {
      const cancelT = cancels.find((t) => t >= tenure.takeT) ?? Number.POSITIVE_INFINITY;
      const endT = Math.max(tenure.heldT, Math.min(tenure.endT, cancelT));
      const isShared = (byClaim.get(tenure.claim) ?? tenure.driver) !== tenure.driver;
      const isOverlapping: boolean = last !== null && last.driver !== tenure.driver && tenure.heldT < last.endT;
      if (isShared || isOverlapping) {
        const other = last?.driver ?? byClaim.get(tenure.claim);
        findings.add({
          kind: "held-twice",
          parcel,
          message: `${tenure.driver} was told that it holds ${parcel} (claim ${tenure.claim}) while ${other} held it.`,
        });
      }
      byClaim.set(tenure.claim, tenure.driver);
      if (!last || endT > last.endT) last = { driver: tenure.driver, endT };
    }
  }
}
