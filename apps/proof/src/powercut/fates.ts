/** What may become of what was not synced: each combination where there are few, else a sample. */
import type { Chance } from "@waybill/testkit";
import { type Fate, type Pending, sectorsOf } from "./disk.ts";

export type Outcome = { fates: Fate[]; namesKept: number };

const combinedMax = 3;

/** At most `count` of them; all of it lost comes first, all of it kept second. */
export function outcomesOf({ changes, names }: Pending, chance: Chance, count: number): Outcome[] {
  const lost: Outcome = { fates: changes.map(() => "lost"), namesKept: 0 };
  if (changes.length === 0 && names.length === 0) return [lost];
  const whole: Outcome = { fates: changes.map(() => "whole"), namesKept: names.length };
  const torn = (): Fate[] => changes.map((change) => ({ sectors: sectorsOf(change).map(() => chance.hit(0.5)) }));
  if (changes.length <= combinedMax) {
    const all: Outcome[] = [lost, whole];
    for (let bits = 0; bits < 2 ** changes.length; bits++) {
      for (let namesKept = 0; namesKept <= names.length; namesKept++)
        all.push({ fates: changes.map((_, i) => ((bits >> i) & 1 ? "whole" : "lost")), namesKept });
    }
    if (changes.length > 0) all.push({ fates: torn(), namesKept: names.length });
    return all.slice(0, count);
  }
  const sampled = (): Outcome => ({
    fates: changes.map((change) => {
      if (chance.hit(0.2)) return { sectors: sectorsOf(change).map(() => chance.hit(0.5)) };
      return chance.hit(0.5) ? "whole" : "lost";
    }),
    namesKept: chance.int(0, names.length),
  });
  /** What a disk does most: the first so many, and one that was torn. */
  const prefix = (): Outcome => {
    const kept = chance.int(0, changes.length - 1);
    return {
      fates: torn().map((fate, i) => (i < kept ? "whole" : i === kept ? fate : "lost")),
      namesKept: chance.int(0, names.length),
    };
  };
  return Array.from({ length: count }, (_, i) => (i === 0 ? lost : i === 1 ? whole : i % 2 === 0 ? prefix() : sampled()));
}
