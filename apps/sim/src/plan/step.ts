import type { EventType } from "@waybill/events";
import type { Fault } from "./faults.ts";

export type Act =
  /** `delayMs`: its `notBefore` lies so far ahead of the moment at which it is published. `receipt`: who publishes it waits until it is processed. */
  | {
      kind: "publish";
      who: string;
      type: EventType;
      parcel: string;
      store: string;
      data: Record<string, string>;
      delayMs?: number;
      receipt?: true;
    }
  /** An operator's hand on a subscription of a store. */
  | { kind: "pause" | "resume" | "retry" | "skip" | "redrive" | "discard" | "policy"; queue: string; group: string }
  /** Settled history is trimmed to a few events. */
  | { kind: "trim"; keep: number };

export type Step = { atMs: number } & ({ act: Act } | { fault: Fault });
export type Vendor = { name: string; stores: string[]; group: string };

export const stores = ["s1", "s2"];
export const zone = "z1";

/** Those that somebody reads. */
export const storesOf = (vendors: readonly Vendor[]): string[] =>
  stores.filter((store) => vendors.some((vendor) => vendor.stores.includes(store)));
