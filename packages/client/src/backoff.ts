/** Exponential with jitter: `firstMs`, doubled per failure up to `mostMs`, each spread by ± 50 %. */
export function backoffMs(failures: number, firstMs: number, mostMs: number): number {
  const wait = Math.min(firstMs * 2 ** Math.min(failures, 30), mostMs);
  return Math.round(wait * (0.5 + Math.random()));
}
