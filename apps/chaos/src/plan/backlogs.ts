/** When do all vendors stay away, so that a backlog grows, and then come back at once? By the length of the run alone. */
export type Backlog = { atMs: number; lastsMs: number };

/** One in so many seconds; a short run has one, a very short one none. */
const EVERY_S = 200;
const SHORT_S = 30;
const LASTS_MS_MAX = 30_000;

export function planBacklogs(seconds: number): Backlog[] {
  if (seconds < SHORT_S) return [];
  const count = Math.max(1, Math.floor(seconds / EVERY_S));
  const eachMs = (seconds * 1_000) / count;
  const lastsMs = Math.round(Math.min(LASTS_MS_MAX, eachMs / 6));
  return Array.from({ length: count }, (_, index) => ({ atMs: Math.round((index + 0.4) * eachMs), lastsMs }));
}
