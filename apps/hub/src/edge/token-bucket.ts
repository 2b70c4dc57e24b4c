/** Fills at a steady rate up to its capacity; each packet takes one. Pure: the time comes in. */
export function createTokenBucket(options: { capacity: number; perSecond: number; nowMs: number }): { take(nowMs: number): boolean } {
  let tokens = options.capacity;
  let filledMs = options.nowMs;
  return {
    take(nowMs) {
      const passedMs = Math.max(0, nowMs - filledMs);
      filledMs = Math.max(filledMs, nowMs);
      tokens = Math.min(options.capacity, tokens + (passedMs * options.perSecond) / 1_000);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
