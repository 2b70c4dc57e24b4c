/** Hub time that follows the wall clock, wherever that goes. */
export const createHubClock = (_startMs: number): { nowMs(): number } => ({ nowMs: () => Date.now() });
