import { createHash } from "node:crypto";

/** Of all that a publisher says of an event: what a store applies must have the same. Fields of `data` in any order. */
export function fingerprint(event: { type: string; parcel: string; store: string; at: string; data?: unknown }): string {
  const { type, parcel, store, at, data = {} } = event;
  return createHash("sha1")
    .update(JSON.stringify([type, parcel, store, at, sorted(data)]))
    .digest("base64url");
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => [key, sorted(field)]);
}
