/**
 * When is what broken? All of it is drawn beforehand, from the seed alone: the same seed gives the same schedule.
 *
 * Time is cut into windows. Of every four, one is calm; the others draw a fault every 150 to 500 ms, from a random subset of
 * the kinds. Half of the draws take the kind that was drawn least so far, of all kinds: left to chance alone, a
 * short run misses the one that matters.
 */
import { type Chance, createChance } from "@waybill/testkit";
import { type FaultKind, faultKinds, type Narrowed } from "./fault-kinds.ts";

export type Draw = {
  /** Since the start of the run. */
  atMs: number;
  kind: FaultKind;
  variant: string;
  /** Which of the processes that it may hit, modulo their number. */
  target: number;
  durationMs: number;
};

const BETWEEN_MS = [150, 500] as const;
const WINDOWS_PER_CALM = 4;
/** Long runs have windows of 20 s; short ones at least eight. */
const windowMsOf = (seconds: number): number => Math.min(20_000, Math.max(2_000, (seconds * 1_000) / 8));
/** From here on a run has time for what lasts half a minute. */
const LONG_RUN_S = 300;

export type Schedule = {
  draws: readonly Draw[];
  /** Of the windows in which faults are drawn. */
  brokenSeconds: number;
};

export type Plan = {
  seed: number;
  seconds: number;
  kinds: readonly FaultKind[];
  /** Of some kinds, less. */
  narrowed?: Partial<Record<FaultKind, Narrowed>>;
};

export function planSchedule({ seed, seconds, kinds, narrowed = {} }: Plan): Schedule {
  const chance = createChance(`${seed}/schedule`);
  const windowMs = windowMsOf(seconds);
  const counts = new Map(kinds.map((kind) => [kind, 0]));
  const draws: Draw[] = [];
  let calmAt = 0;
  let brokenMs = 0;
  for (let window = 0; window * windowMs < seconds * 1_000 && kinds.length > 0; window++) {
    if (window % WINDOWS_PER_CALM === 0) calmAt = window + chance.int(0, WINDOWS_PER_CALM - 1);
    const subset = chance.shuffle(kinds).slice(0, chance.int(Math.ceil(kinds.length / 2), kinds.length));
    if (window === calmAt) continue;
    const end = Math.min((window + 1) * windowMs, seconds * 1_000);
    brokenMs += end - window * windowMs;
    for (let atMs = window * windowMs + chance.int(...BETWEEN_MS); atMs < end; atMs += chance.int(...BETWEEN_MS)) {
      const kind = chance.hit(0.5) ? leastUsed(counts, chance) : chance.pick(subset);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      draws.push(drawOf({ kind, atMs, isLongRun: seconds >= LONG_RUN_S, narrowed: narrowed[kind] ?? {} }, chance));
    }
  }
  return { draws, brokenSeconds: Math.round(brokenMs / 1_000) };
}

function leastUsed(counts: ReadonlyMap<FaultKind, number>, chance: Chance): FaultKind {
  const least = Math.min(...counts.values());
  return chance.pick([...counts].filter(([, count]) => count === least).map(([kind]) => kind));
}

type Drawn = { kind: FaultKind; atMs: number; isLongRun: boolean; narrowed: Narrowed };

function drawOf({ kind, atMs, isLongRun, narrowed }: Drawn, chance: Chance): Draw {
  const { variants, lastsMs, longer } = { ...faultKinds[kind], ...narrowed };
  const isLonger = longer !== undefined && isLongRun && chance.hit(longer.share);
  const durationMs = chance.int(...(isLonger ? longer.lastsMs : lastsMs));
  return { atMs: Math.round(atMs), kind, variant: chance.pick(variants), target: chance.int(0, 999), durationMs };
}
