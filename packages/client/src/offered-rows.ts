/** The rows of a frame's part: `[offset, recordedAt, failed, interrupted, redrive, …]`, or `[n]`: n more that only go on from the one before. */
import type { Place } from "./in-hand.ts";

type Rows = readonly (readonly number[])[];

/** How many events they are, and so lines. */
export function eventsOf(rows: Rows): number {
  let events = 0;
  for (const row of rows) events += row.length === 1 ? (row[0] ?? 0) : 1;
  return events;
}

/** Each event's place, in their order. */
export function eachPlace(rows: Rows, generation: number, take: (place: Place, index: number) => void): void {
  let index = 0;
  let offset = 0;
  let recordedAtMs = 0;
  for (const row of rows) {
    if (row.length > 1) {
      const [at = 0, recordedAt = 0, failed = 0, interrupted = 0, redrive = 0] = row;
      offset = at;
      recordedAtMs = recordedAt;
      take({ offset, generation, recordedAtMs, attempt: failed + interrupted + 1, redrive }, index++);
    } else {
      for (let more = row[0] ?? 0; more > 0; more -= 1) {
        offset += 1;
        take({ offset, generation, recordedAtMs, attempt: 1, redrive: 0 }, index++);
      }
    }
  }
}
