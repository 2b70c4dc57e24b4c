import type { Attempt } from "./model.ts";
import type { AttemptNote, AttemptRow, EngineOptions } from "./types.ts";

export const NOTES_MAX = 32;
const SPREAD = 0.618_033_988_749_895;

export function createAttempt(offset: number, key: string, redrive: number): Attempt {
  return { offset, key, failed: 0, interrupted: 0, dueMs: 0, alone: false, stuck: false, redrive, notes: [], offered: null, skip: null };
}

export function fromRow(row: AttemptRow): Attempt {
  return { ...row, notes: [...row.notes], offered: null, skip: null };
}

/** As it is written: with the interruption that the death of this hub would be [P6]. */
export function toRow(attempt: Attempt): AttemptRow {
  const { offered, skip: _skip, ...row } = attempt;
  if (offered === null) return { ...row, notes: [...row.notes] };
  const note: AttemptNote = { atMs: offered.atMs, kind: "interrupted", by: offered.by, reason: "the hub ended" };
  return { ...row, interrupted: row.interrupted + 1, notes: [...row.notes, note].slice(-NOTES_MAX) };
}

export function addNote(attempt: Attempt, note: AttemptNote): void {
  attempt.notes.push(note);
  if (attempt.notes.length > NOTES_MAX) attempt.notes.shift();
}

/** Nothing in it is worth a row any more. */
export const isBlank = (attempt: Attempt): boolean =>
  attempt.failed === 0 && attempt.interrupted === 0 && attempt.redrive === 0 && !attempt.stuck && attempt.offered === null;

export const isUsedUp = (attempt: Attempt, options: EngineOptions): boolean =>
  attempt.failed >= options.failedMax || attempt.interrupted >= options.interruptedMax;

/** [R1] One chance per `apply` is enough: the offset makes another one of it for each event. */
export function backoffMs(options: EngineOptions, times: number, chance: number, offset: number): number {
  const wholeMs = Math.min(options.backoffMs * 2 ** Math.max(0, times - 1), options.backoffMaxMs);
  const own = (chance + offset * SPREAD) % 1;
  return Math.round(wholeMs * (0.5 + own));
}
