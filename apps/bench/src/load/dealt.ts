/** How many of `events` each of `shares` gets when they are dealt out in turn. */
export const dealt = (events: number, shares: number): number[] =>
  Array.from({ length: shares }, (_, share) => Math.floor(events / shares) + (share < events % shares ? 1 : 0));
