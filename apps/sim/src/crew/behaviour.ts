import type { Chance } from "@waybill/testkit";

/** What a handler does with an event, this time. */
export type Behaviour =
  | { kind: "works" }
  | { kind: "takes" | "hangs" | "nacks"; ms: number }
  /** Before its effect, or after it. */
  | { kind: "fails" | "fails-late" | "rejects" }
  | { kind: "dies"; isAfter: boolean };

/** The same event meets the same behaviour a few times, or always; then it works. */
export function drawBehaviour(chance: Chance, { tries, bad }: { tries: number; bad: number }): Behaviour {
  if (!chance.hit(bad)) return chance.hit(0.3) ? { kind: "takes", ms: chance.pick([1, 30, 700]) } : { kind: "works" };
  const times = chance.pick([1, 1, 2, 4, 1_000]);
  if (tries > times) return { kind: "works" };
  const kind = chance.pick(["fails", "fails-late", "hangs", "rejects", "nacks", "dies", "dies"] as const);
  switch (kind) {
    case "hangs":
      return { kind, ms: chance.pick([800, 5_000, 12_000]) };
    case "nacks":
      return { kind, ms: chance.pick([0, 100, 2_000]) };
    case "dies":
      return { kind, isAfter: chance.hit(0.5) };
    default:
      return { kind };
  }
}
