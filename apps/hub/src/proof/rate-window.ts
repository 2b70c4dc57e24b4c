/**
 * When a log says each thing in a line of its own, and when it only counts. States of a window:
 *
 *   lines   – each note is a line.                                   → counts, with the note after the 50th of one second
 *   counts  – notes are counted; each second ends with one summary.  → lines, after a second with at most 50 of them
 *
 * Pure: the time comes in as data; who holds the window asks once a second as well, so that the last summary is told.
 */
export type Summary<K extends string> = Partial<Record<K, number>>;

export type RateWindow<K extends string> = {
  /** So many of one kind at once: the first `lines` of them are said in a line each. A summary of the seconds before may be due first. */
  note(kind: K, nowMs: number, count?: number): { lines: number; summary: Summary<K> | null };
  tick(nowMs: number): Summary<K> | null;
};

export function createRateWindow<K extends string>(options: { linesPerSecondMax: number }): RateWindow<K> {
  let state: "lines" | "counts" = "lines";
  let second = Number.NEGATIVE_INFINITY;
  let total = 0;
  let counts: Summary<K> = {};

  const turn = (nowMs: number): Summary<K> | null => {
    const current = Math.floor(nowMs / 1_000);
    if (current <= second) return null;
    const summary = state === "counts" && total > 0 ? counts : null;
    if (total <= options.linesPerSecondMax) state = "lines";
    second = current;
    total = 0;
    counts = {};
    return summary;
  };

  return {
    note(kind, nowMs, count = 1) {
      const summary = turn(nowMs);
      const lines = state === "lines" ? Math.max(0, Math.min(count, options.linesPerSecondMax - total)) : 0;
      total += count;
      counts[kind] = (counts[kind] ?? 0) + count;
      if (total > options.linesPerSecondMax) state = "counts";
      return { lines, summary };
    },
    tick: turn,
  };
}
