const shape = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/;
export const utcOffsetShape = /^[+-]\d\d:\d\d$/;

/** A moment, and the zone it was told in: `+02:00` or `Z`. */
export type ZonedTime = { ms: number; zone: string };

/** Reads ISO with or without a zone, seconds or the `T`; what has no zone is in `utcOffset`. `null`: not a time. */
export function parseLocalTime(text: string, utcOffset: string): ZonedTime | null {
  const parts = shape.exec(text);
  if (!parts) return null;
  const [, day, minutes, seconds = ":00", zone = utcOffset] = parts;
  const ms = Date.parse(`${day}T${minutes}${seconds}${zone}`);
  return Number.isNaN(ms) ? null : { ms, zone };
}

/** ISO in the zone it was told in, whole seconds. */
export function formatZonedTime({ ms, zone }: ZonedTime): string {
  const sign = zone.startsWith("-") ? -1 : 1;
  const shiftMs = zone === "Z" ? 0 : sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))) * 60_000;
  return `${new Date(ms + shiftMs).toISOString().slice(0, 19)}${zone}`;
}
