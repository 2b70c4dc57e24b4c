const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

/** `250ms`, `30s`, `1.5m`, `2h`, `30d` in milliseconds; a bare number is milliseconds already. `undefined` when it is neither. */
export function readDuration(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  if (found === null) return undefined;
  const factor = units.find(([unit]) => unit === (found[2] ?? "ms"))?.[1] ?? 1;
  return Math.round(Number(found[1]) * factor);
}

/** The shortest way to write it: 300,000 is `5m`. */
export function writeDuration(durationMs: number): string {
  const [unit, factor] = units.find(([, factor]) => durationMs >= factor && durationMs % factor === 0) ?? ["ms", 1];
  return `${durationMs / factor}${unit}`;
}
