import type { EventData } from "@waybill/events";
import type { Chance } from "./chance.ts";

type ToldType = "pickup" | "in-transit" | "delivered" | "attempt-failed" | "returning" | "returned";
type Tell = { [K in ToldType]: { type: K; data: EventData<K> } }[ToldType];

/** What a driver does next with a job, and after how long a way, in seconds of the simulated day. */
export type Step = { afterS: number; tell: Tell } | { afterS: number; handback: string };

const names = ["A. Silva", "B. Okafor", "C. Meyer", "D. Nguyen", "E. Rossi", "F. Haddad"] as const;
const MINUTE_S = 60;

/**
 * A job from its taking to its end, as a day brings them: of 100 jobs about 3 are handed back before the pickup, 10 find nobody
 * at home, and 2 of those go back to their store. The same chance gives the same plan, so a restarted driver goes on with it.
 */
export function planJob(chance: Chance): Step[] {
  const way = (from: number, to: number): number => Math.round(chance.between(from * MINUTE_S, to * MINUTE_S));
  if (chance.next() < 0.03) return [{ afterS: way(1, 5), handback: "the van broke down" }];

  const steps: Step[] = [
    { afterS: way(4, 15), tell: { type: "pickup", data: {} } },
    { afterS: way(0.5, 2), tell: { type: "in-transit", data: {} } },
  ];
  if (chance.next() < 0.1) {
    const goesBack = chance.next() < 0.2;
    steps.push({
      afterS: way(8, 30),
      tell: { type: "attempt-failed", data: { reason: "nobody-home", action: goesBack ? "return" : "retry" } },
    });
    if (goesBack) {
      steps.push({ afterS: way(1, 3), tell: { type: "returning", data: { reason: "nobody-home" } } });
      steps.push({ afterS: way(8, 30), tell: { type: "returned", data: {} } });
      return steps;
    }
  }
  steps.push({ afterS: way(8, 30), tell: { type: "delivered", data: { receivedBy: names[chance.below(names.length)] ?? names[0] } } });
  return steps;
}

/** What is left of a job that its store cancelled after the pickup: the parcel goes back. */
export const planReturn = (chance: Chance): Step[] => [
  { afterS: MINUTE_S, tell: { type: "returning", data: { reason: "other", note: "cancelled by the store" } } },
  { afterS: Math.round(chance.between(8, 30) * MINUTE_S), tell: { type: "returned", data: {} } },
];
