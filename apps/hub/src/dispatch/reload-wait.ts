const FIRST_MS = 100;
const MAX_MS = 5_000;

/** So long one waits before a subscription is read again, by its failures since the last write that succeeded. */
export const reloadWaitMs = (failures: number): number => Math.min(MAX_MS, FIRST_MS * 2 ** failures);
