/** The longest a timer can wait; longer ones fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export type Alarm = { set(atMs: number): void; stop(): void };

/** Rings at this hub time, and never before: who sets it once for each time must not lose it to a timer that fires early. A later `set` replaces it. */
export function createAlarm(clock: { nowMs(): number }, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | null = null;
  const set = (atMs: number) => {
    if (timer) clearTimeout(timer);
    const due = () => {
      timer = null;
      if (clock.nowMs() < atMs) set(atMs);
      else ring();
    };
    timer = setTimeout(due, Math.max(1, Math.min(atMs - clock.nowMs(), TIMER_MS_MAX)));
  };
  return { set, stop: () => timer && clearTimeout(timer) };
}
