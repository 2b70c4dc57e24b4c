/** A clock that stands still until it is told to go on. Timers fire in the order of their times, then of their making. */
export type FakeClock = {
  /** ms since 1970. */
  now(): number;
  /** Runs once, `ms` from now at the earliest. Returns what cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Goes on by `ms` and fires what falls due on the way, also what those timers make. */
  advance(ms: number): void;
  /** Goes on to the next timer and fires it; false when none waits. */
  step(): boolean;
  /** The wall jumps, forwards or back, and no timer notices. */
  jump(ms: number): void;
  readonly waiting: number;
};

type Timer = { dueMs: number; made: number; run: () => void };

export function createFakeClock(startMs = 0): FakeClock {
  const timers = new Set<Timer>();
  let elapsedMs = 0;
  let offsetMs = startMs;
  let made = 0;

  function nextDue(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > untilMs) continue;
      if (!first || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.made < first.made)) first = timer;
    }
    return first;
  }

  function fire(timer: Timer): void {
    timers.delete(timer);
    elapsedMs = Math.max(elapsedMs, timer.dueMs);
    timer.run();
  }

  return {
    now: () => offsetMs + elapsedMs,
    after(ms, run) {
      const timer: Timer = { dueMs: elapsedMs + Math.max(0, ms), made: made++, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const untilMs = elapsedMs + ms;
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) fire(timer);
      elapsedMs = untilMs;
    },
    step() {
      const timer = nextDue(Number.POSITIVE_INFINITY);
      if (timer) fire(timer);
      return timer !== undefined;
    },
    jump(ms) {
      offsetMs += ms;
    },
    get waiting() {
      return timers.size;
    },
  };
}
