/**
 * How large a day is. Most are small and dense: few clients, a handful of events within a second, and several faults about them; they
 * cost a third of a large one. docs/decisions/0007 says what that catches for what it costs, and what it does not.
 */
import type { Chance } from "@waybill/testkit";
import { stores, type Vendor } from "./step.ts";

export type Range = readonly [from: number, to: number];

export type Size = {
  /** Of 1: so many of the schedules. */
  share: number;
  /** While something may be broken. */
  seconds: Range;
  /** All is published within one of these: events meet, and the faults meet them. */
  loadMs: readonly number[];
  drivers: Range;
  parcels: Range;
  /** Of a parcel that a driver carries. */
  events: Range;
  faults: Range;
  /** Of 1: so many of the schedules have at most one fault. */
  calm: number;
  /** What operators do, in half of the schedules. */
  operations: Range;
  /** Of 1: so many have their settled history trimmed. */
  trims: number;
  /** Of 1: so many of the faults come about when somebody publishes, the others at any time. */
  timely: number;
  /** Who reads what. */
  vendors: readonly (readonly Vendor[])[];
  /** Of 1: so many have a second group. */
  tail: number;
};

const vendor = (name: string, of: string[]): Vendor => ({ name, stores: of, group: "main" });
const [first = "", second = ""] = stores;

export const sizes: readonly Size[] = [
  {
    share: 0.9,
    seconds: [2, 5],
    loadMs: [100, 400, 1_500],
    drivers: [1, 2],
    parcels: [1, 2],
    events: [2, 6],
    faults: [2, 6],
    calm: 0.05,
    operations: [0, 1],
    trims: 0.35,
    timely: 0.8,
    vendors: [[vendor("v1", [first])]],
    tail: 0.3,
  },
  {
    share: 0.07,
    seconds: [2, 8],
    loadMs: [400, 2_000, 8_000],
    drivers: [1, 2],
    parcels: [2, 4],
    events: [1, 6],
    faults: [2, 6],
    calm: 0.1,
    operations: [0, 3],
    trims: 0.35,
    timely: 0.6,
    vendors: [[vendor("v1", [first])], [vendor("v1", stores)], [vendor("v1", [first]), vendor("v2", [first])]],
    tail: 0.4,
  },
  {
    share: 0.03,
    seconds: [3, 12],
    loadMs: [12_000],
    drivers: [2, 3],
    parcels: [3, 6],
    events: [2, 8],
    faults: [2, 10],
    calm: 0.25,
    operations: [1, 5],
    trims: 0.2,
    timely: 0.3,
    vendors: [
      [vendor("v1", [first]), vendor("v2", [second])],
      [vendor("v1", stores)],
      [vendor("v1", stores), vendor("v2", stores)],
      [vendor("v1", stores), vendor("v2", [second])],
    ],
    tail: 0.6,
  },
];

export function drawSize(chance: Chance): Size {
  let left = chance.next();
  const drawn = sizes.find(({ share }) => {
    left -= share;
    return left < 0;
  });
  return drawn ?? (sizes.at(-1) as Size);
}
