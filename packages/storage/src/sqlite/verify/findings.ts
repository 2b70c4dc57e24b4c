/** What a verification finds wrong, in a list that stays short however much is wrong. */

/** What was looked at: `npm run verify` prints it in front of each finding. */
export const checks = {
  sqlite: "SQLite's own integrity check",
  checksum: "each row of the tail and each run reads as it was written",
  offsets: "the offsets of a queue are contiguous, over runs and tail",
  time: "recordedAt never decreases within a queue",
  lanes: "a lane's numbers rise without a hole, and each event names the one before it",
  repeats: "each event is there once",
  copies: "each copy is where its home event says, with the same id",
  segments: "segments hold as many events as they say",
  progress: "cursors, open ranges, attempts, parked offsets and dead letters are within bounds",
  claims: "a claim's offsets hold its parcel's events, or were trimmed",
} as const;
export type Check = keyof typeof checks;
export type Finding = { check: Check; where: string; what: string };

const listedMax = 100;

export class Findings {
  readonly listed: Finding[] = [];
  count = 0;

  add(check: Check, where: string, what: string): void {
    this.count += 1;
    if (this.listed.length < listedMax) this.listed.push({ check, where, what });
  }

  /** What cannot be read is a finding, and the rest is looked at all the same. Answers `null` then. */
  guard<T>(check: Check, where: string, look: () => T): T | null {
    try {
      return look();
    } catch (error) {
      this.add(check, where, error instanceof Error ? error.message : String(error));
      return null;
    }
  }
}
