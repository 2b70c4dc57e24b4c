import { type ParcelEvent, parseJson } from "@waybill/events";

/** Of a frame: text, or bytes where that is not UTF-8. */
export type Line = string | Uint8Array;

/**
 * The hub has checked the event; here only what the SDK itself relies on is looked at, so that types and fields of a
 * newer hub pass. `null`: it is no event.
 */
export function readEvent(line: Line, frame: { isPlain: boolean }): ParcelEvent | null {
  try {
    const value = parseJson(line, "an event", frame);
    return isEvent(value) ? value : null;
  } catch {
    return null;
  }
}

function isEvent(value: unknown): value is ParcelEvent {
  if (typeof value !== "object" || value === null) return false;
  if (!("id" in value && "type" in value && "parcel" in value && "store" in value && "data" in value)) return false;
  const { id, type, parcel, store, data } = value;
  const areNames = typeof id === "string" && typeof type === "string" && typeof parcel === "string" && typeof store === "string";
  return areNames && typeof data === "object" && data !== null;
}
