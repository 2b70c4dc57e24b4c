/** One thing that the doctor looked at. `found` says what it is like; `remedy` what to do, wherever it is not ok. */
export type Check = { check: string; found: string } & ({ status: "ok" } | { status: "warning" | "wrong"; remedy: string });

export const ok = (check: string, found: string): Check => ({ check, status: "ok", found });
export const warning = (check: string, found: string, remedy: string): Check => ({ check, status: "warning", found, remedy });
export const wrong = (check: string, found: string, remedy: string): Check => ({ check, status: "wrong", found, remedy });

const NAMED_MAX = 3;

/** `3 parcels: a, b, c`; of many the first, and how many more. */
export function named(names: readonly string[]): string {
  const rest = names.length - NAMED_MAX;
  return names.slice(0, NAMED_MAX).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
