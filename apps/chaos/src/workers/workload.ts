/**
 * What drivers publish, drawn from the seed: a steady load over many parcels, and one while in three nine tenths of it on one
 * parcel that all producers share. Each event says what its store will do with it: its *fate*.
 *
 * Parcels live for a few events only: one that a poisoned event holds up has few behind it.
 */
import type { NewEvent } from "@waybill/client";
import type { Chance } from "@waybill/testkit";
import { z } from "zod";

/**
 * What happens to the handler: `fails` so many times and then works; `poison` never works; `hangs` works after the lease;
 * `dies-before` and `dies-between` kill their process once, before the effect and between the effect and the ack.
 */
export const fates = ["ok", "fails", "poison", "hangs", "dies-before", "dies-between"] as const;
export type Fate = (typeof fates)[number];

/** What every event carries, and the checker compares. */
export const loadSchema = z.object({
  producer: z.string(),
  /** Rises for each (parcel, producer), over all lives of the producer. */
  n: z.number(),
  fate: z.enum(fates),
  /** So often it fails; 0 where it does not. */
  fails: z.number(),
  pad: z.string(),
});
export type Load = z.infer<typeof loadSchema>;

export type PlannedEvent = Extract<NewEvent, { type: "in-transit" }> & { id: string; at: string };

export type WorkloadOptions = {
  producer: string;
  /** Of the producer's process: parcels of another life have other names, numbers go on. */
  life: number;
  chance: Chance;
  /** A store may be named more than once: it then gets more. */
  stores: readonly string[];
  /** Where the hot parcels are. */
  hotStore: string;
  /** Ends of fates that block a process are left out where a store cannot bear them. */
  allows?: (fate: Fate, store: string) => boolean;
};

const PARCELS = 250;
const PARCEL_EVENTS = [3, 14] as const;
const HOT_SHARE = 0.9;
/** Of every three phases one is hot; all producers agree on it by the clock. */
const PHASE_MS = 3_000;
const PHASES = 3;
const LIFE_NUMBERS = 1_000_000;

type Parcel = { name: string; store: string; left: number };

export function createWorkload({ producer, life, chance, stores, hotStore, allows = () => true }: WorkloadOptions) {
  const parcels: Parcel[] = [];
  const numbers = new Map<string, number>();
  let made = 0;
  let count = 0;

  const newParcel = (): Parcel => ({
    name: `${producer}-${life}-${made++}`,
    store: chance.pick(stores),
    left: chance.int(...PARCEL_EVENTS),
  });

  function steadyParcel(): Parcel {
    const at = chance.int(0, PARCELS - 1);
    let parcel = parcels[at];
    if (!parcel || parcel.left === 0) {
      parcel = newParcel();
      parcels[at] = parcel;
    }
    parcel.left--;
    return parcel;
  }

  function numberOf(parcel: string): number {
    const number = (numbers.get(parcel) ?? life * LIFE_NUMBERS) + 1;
    numbers.set(parcel, number);
    return number;
  }

  return {
    /** `nowMs`: since the run began. */
    next(nowMs: number): PlannedEvent {
      const phase = Math.floor(nowMs / PHASE_MS);
      const isHot = phase % PHASES === 1 && chance.hit(HOT_SHARE);
      const { name, store } = isHot ? { name: `hot-${hotStore}-${phase}`, store: hotStore } : steadyParcel();
      const drawn = isHot ? hotFate(chance) : steadyFate(chance);
      const fate = allows(drawn, store) ? drawn : "ok";
      const load: Load = {
        producer,
        n: numberOf(name),
        fate,
        fails: fate === "fails" ? chance.int(1, 3) : 0,
        pad: "x".repeat(chance.int(20, 200)),
      };
      const id = `${producer}-${life}-${count++}`;
      return { type: "in-transit", id, parcel: name, store, at: "2026-05-01T09:30:00+02:00", data: { extra: load } };
    },
  };
}

/** Poison would hold up a hot parcel for good, and a death costs all the others their time. */
const hotFate = (chance: Chance): Fate => (chance.hit(0.01) ? "fails" : "ok");

function steadyFate(chance: Chance): Fate {
  const at = chance.next();
  if (at < 0.01) return "poison";
  if (at < 0.03) return "fails";
  if (at < 0.035) return "hangs";
  if (at < 0.0355) return "dies-before";
  if (at < 0.036) return "dies-between";
  return "ok";
}
