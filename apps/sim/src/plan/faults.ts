import type { Chance } from "@waybill/testkit";

/** `who`: a driver or a vendor. Each fault ends by itself, or when all is healed. */
export type Fault =
  /** The hub's process dies; `isTold`: its kernel closes the connections, else its machine is gone. */
  | { kind: "hub-crash"; downMs: number; isTold: boolean }
  /** SIGTERM: it drains, and another one starts. */
  | { kind: "hub-drain"; downMs: number }
  | { kind: "hub-pause"; forMs: number }
  /** `isPower`: what its files had not synced is gone too. */
  | { kind: "client-crash"; who: string; downMs: number; isTold: boolean; isPower: boolean }
  | { kind: "client-close"; who: string; drainMs: number; downMs: number }
  | { kind: "client-pause"; who: string; forMs: number }
  | { kind: "cut"; who: string }
  /** The hub's `after`th message from now does not arrive: the connection is cut instead. */
  | { kind: "lost-answer"; who: string; after: number }
  /** Half-open: nothing arrives in one direction, or in both. */
  | { kind: "silence"; who: string; way: "up" | "down" | "both"; forMs: number }
  | { kind: "slow-network"; times: number; forMs: number }
  | { kind: "disk-refuses"; code: "STORAGE_FULL" | "STORAGE_FAILED"; forMs: number }
  | { kind: "disk-slow"; syncMs: number; forMs: number }
  | { kind: "outbox-disk-fails"; who: string; forMs: number }
  | { kind: "wall-jump"; byMs: number };
export type FaultKind = Fault["kind"];

const faultKinds: readonly FaultKind[] = [
  "hub-crash",
  "hub-drain",
  "hub-pause",
  "client-crash",
  "client-close",
  "client-pause",
  "cut",
  "lost-answer",
  "silence",
  "slow-network",
  "disk-refuses",
  "disk-slow",
  "outbox-disk-fails",
  "wall-jump",
];

/** A death of the hub and a connection that is cut are what most of the promise is about: twice as often as the others. */
const drawnKinds: readonly FaultKind[] = [...faultKinds, "hub-crash", "cut"];

const hourMs = 3_600_000;

export function drawFault(chance: Chance, names: readonly string[]): Fault {
  const kind = chance.pick(drawnKinds);
  const who = chance.pick(names);
  switch (kind) {
    case "hub-crash":
      return { kind, downMs: chance.pick([1, 50, 400, 3_000]), isTold: chance.hit(0.75) };
    case "hub-drain":
      return { kind, downMs: chance.pick([1, 400, 3_000]) };
    case "hub-pause":
      return { kind, forMs: chance.pick([20, 300, 2_000, 6_000]) };
    case "client-crash":
      return { kind, who, downMs: chance.pick([1, 100, 1_000, 4_000]), isTold: chance.hit(0.7), isPower: chance.hit(0.5) };
    case "client-close":
      return { kind, who, drainMs: chance.pick([0, 200, 3_000]), downMs: chance.pick([1, 500]) };
    case "client-pause":
      return { kind, who, forMs: chance.pick([50, 800, 3_000, 8_000]) };
    case "cut":
      return { kind, who };
    case "lost-answer":
      return { kind, who, after: chance.int(1, 6) };
    case "silence":
      return { kind, who, way: chance.pick(["up", "down", "both"]), forMs: chance.pick([100, 1_000, 4_000, 20_000]) };
    case "slow-network":
      return { kind, times: chance.pick([5, 30]), forMs: chance.int(200, 4_000) };
    case "disk-refuses":
      return { kind, code: chance.pick(["STORAGE_FULL", "STORAGE_FAILED"]), forMs: chance.pick([1, 20, 300, 2_000]) };
    case "disk-slow":
      return { kind, syncMs: chance.pick([100, 800]), forMs: chance.int(200, 3_000) };
    case "outbox-disk-fails":
      return { kind, who, forMs: chance.pick([20, 300, 2_000]) };
    case "wall-jump":
      return { kind, byMs: chance.pick([hourMs, -hourMs, 30_000, -30_000, 400 * 24 * hourMs]) };
  }
}
