/** Numbers as people read them. */

export const countText = (count: number): string => count.toLocaleString("en");

/** One decimal where it says something: `0.3`, `12.5`, `1,204`. */
export const rateText = (perSecond: number): string =>
  perSecond >= 100 || perSecond === 0 ? countText(Math.round(perSecond)) : perSecond.toFixed(1);

const byteUnits = ["B", "kB", "MB", "GB", "TB"];

/** `812 B`, `4.2 MB`, `31 GB`: powers of 1,000, as disks are sold. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < byteUnits.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${byteUnits[unit]}`;
}

const timeUnits = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** The two largest units: `3 d 4 h`, `2 h 3 min`, `41 s`. */
export function spanText(ms: number): string {
  const first = timeUnits.findIndex(([, size]) => ms >= size);
  if (first < 0) return "0 s";
  const [unit, size] = timeUnits[first] ?? timeUnits[3];
  const [smaller, smallerSize] = timeUnits[first + 1] ?? [];
  const whole = `${Math.floor(ms / size)} ${unit}`;
  const rest = smallerSize === undefined ? 0 : Math.floor((ms % size) / smallerSize);
  return rest === 0 ? whole : `${whole} ${rest} ${smaller}`;
}
