import { setTimeout as delay } from "node:timers/promises";

/** The simulated day: its seconds pass `speed` times faster than real ones, and it ends with its signal. */
export type DayClock = {
  readonly signal: AbortSignal;
  /** Waits for so many seconds of the day; `false` when it was stopped meanwhile. */
  sleep(seconds: number): Promise<boolean>;
};

export function createDayClock({ speed, signal }: { speed: number; signal: AbortSignal }): DayClock {
  return {
    signal,
    async sleep(seconds) {
      await delay((seconds / speed) * 1_000, undefined, { signal }).catch(() => undefined);
      return !signal.aborted;
    },
  };
}
