/**
 * What a reset of a group does [N*]. Pure: what is stored comes in, and what is to be written comes out, with what that means
 * for whoever asked. The engine is not asked: it is made anew from what is written.
 */
import type { OffsetRange, Progress, Restored } from "./types.ts";

/** `firstKept`: history before it was trimmed. */
export type Standing = Restored & { firstKept: number };

/** Parked offsets of one range, and dead letters of another, as they are stored. */
export type ResetCounts = {
  /** Parked, from `firstKept` on and before the target. */
  parkedBefore: number;
  /** Parked, from the first event that comes again on. */
  parkedAfter: number;
  /** Dead letters, from the first event that comes again on. */
  letters: number;
};

/** `cursor`: all up to it is settled. Of dead letters, and of redrives under way, those from `lettersFrom` on go. */
export type ResetWrite = Pick<Progress, "generation" | "cursor" | "ackedTo"> & { lettersFrom: number };

export type ResetPlan = {
  /** Settled events that come again, dead letters among them. */
  again: number;
  /** Unsettled events that would never come [N4]. */
  skipped: number;
  /** Dead letters that go, since their events come again. */
  letters: number;
  /** Events whose attempts are forgotten, and how many of them were stuck. */
  attempts: number;
  stuck: number;
  /** Events that were put aside, and are not any more. */
  parked: number;
  /** Trimmed history that should have come again. */
  gap: { from: number; to: number } | null;
  write: ResetWrite;
};

/** The nearest place that there is: from the queue's first offset to the one after its last. */
export const resetTarget = (first: number, head: number): number => Math.min(Math.max(first, 1), head + 1);

/** The first event that comes again: history may have been trimmed beyond the target. */
export const comesFrom = (target: number, { firstKept }: Pick<Standing, "firstKept">): number => Math.max(target, firstKept);

export function planReset(standing: Standing, target: number, counts: ResetCounts): ResetPlan {
  const { progress, attempts, parked, head, firstKept } = standing;
  const first = comesFrom(target, standing);
  const unsettled = (range: OffsetRange): number =>
    within(progress.open, range) + sizeOf([Math.max(range[0], progress.cursor + 1), range[1]]);
  const waiting = unsettled([first, head]) + counts.parkedAfter;
  const forgotten = attempts.filter(({ redrive, offset }) => redrive === 0 || offset >= first);
  return {
    again: sizeOf([first, head]) - waiting,
    skipped: unsettled([firstKept, target - 1]) + counts.parkedBefore,
    letters: counts.letters,
    attempts: forgotten.length,
    stuck: forgotten.filter(({ stuck }) => stuck).length,
    parked: parked.reduce((sum, { count = 0 }) => sum + count, 0),
    gap: target < first ? { from: target, to: first - 1 } : null,
    write: {
      generation: progress.generation + 1,
      cursor: target - 1,
      ackedTo: Math.min(progress.ackedTo, target - 1),
      lettersFrom: first,
    },
  };
}

const sizeOf = ([from, to]: OffsetRange): number => Math.max(0, to - from + 1);

const within = (ranges: readonly OffsetRange[], [from, to]: OffsetRange): number =>
  ranges.reduce((sum, [start, end]) => sum + sizeOf([Math.max(start, from), Math.min(end, to)]), 0);
