import { type EventId, type Keys, PARCELS_AT_ONCE, parcelIndexOf, parcelOf } from "../load/bench-event.ts";

/** A consumer's whole take. `disorder`: steps back within a parcel. */
export type Account = { handled: number; missing: number; twice: number; unknown: number; disorder: number };

export const plants = ["loss", "twice", "swap"] as const;
/** A fault of the tally itself, to see that the check is awake. */
export type Plant = (typeof plants)[number];
/** The handled event that is tampered with. */
const PLANTED_AT = 5;

/** `last`: by parcel, one more than its latest event. */
type Source = { seen: Uint8Array; last: Uint32Array };

/** Ticks off each event of each source, and looks at the order within each parcel; a few array steps per event, so that it costs the measurement little. */
export class Tally {
  readonly #sources: Map<string, Source>;
  readonly #plant: Plant | null;
  readonly #keys: Keys;
  handled = 0;
  #twice = 0;
  #unknown = 0;
  #disorder = 0;

  /** How many events each source has. */
  constructor(expected: Readonly<Record<string, number>>, plant: Plant | null = null, keys: Keys = null) {
    this.#sources = new Map(
      Object.entries(expected).map(([source, events]) => [
        source,
        { seen: new Uint8Array(events), last: new Uint32Array(parcelsOf(events, keys)) },
      ]),
    );
    this.#plant = plant;
    this.#keys = keys;
  }

  take({ source, seq }: EventId, parcel: string): void {
    this.handled += 1;
    const isPlanted = this.#plant !== null && this.handled === PLANTED_AT;
    if (isPlanted && this.#plant === "loss") return;
    const of = this.#sources.get(source);
    if (of === undefined || of.seen[seq] === undefined || parcelOf(source, seq, this.#keys) !== parcel) {
      this.#unknown += 1;
      return;
    }
    if (of.seen[seq] === 1 || (isPlanted && this.#plant === "twice")) this.#twice += 1;
    of.seen[seq] = 1;
    const index = parcelIndexOf(seq, this.#keys);
    if (seq < (of.last[index] ?? 0) || (isPlanted && this.#plant === "swap")) this.#disorder += 1;
    of.last[index] = seq + 1;
  }

  account(): Account {
    let missing = 0;
    for (const { seen } of this.#sources.values()) for (const times of seen) if (times === 0) missing += 1;
    return { handled: this.handled, missing, twice: this.#twice, unknown: this.#unknown, disorder: this.#disorder };
  }
}

/** Room for the parcels of so many events. */
const parcelsOf = (events: number, keys: Keys): number => Math.min(events, keys ?? parcelIndexOf(events) + PARCELS_AT_ONCE);
