import { eventTypes, HubError, isEventType, limits, type ParcelEvent, parseParcelEvent, toIssues, toJsonBytes } from "@waybill/events";
import { randomId } from "./random-id.ts";
import type { NewEvent } from "./types.ts";

/**
 * Completes and checks an event before it enters the outbox: what is in there is fit to send.
 * Throws UNKNOWN_TYPE, INVALID_EVENT (with each path) or EVENT_TOO_LARGE.
 */
export function makeEvent(event: NewEvent, eventBytesMax: number = limits.eventBytesMax): { event: ParcelEvent; body: Uint8Array } {
  const { type, id = randomId(), at = localTime(new Date()), data = {} } = event;
  if (!isEventType(type))
    throw new HubError("UNKNOWN_TYPE", `There is no event type \`${String(type)}\`; there are ${eventTypes.join(", ")}.`);
  const parsed = parseParcelEvent({ ...event, id, at, data: ownCopy(data) });
  if (!parsed.success) {
    const issues = toIssues(parsed.error);
    const where = issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
    throw new HubError("INVALID_EVENT", `This \`${type}\` breaks its schema (${where}). Mend it and publish it again.`, {
      issues,
      cause: parsed.error,
    });
  }
  const body = toJsonBytes(parsed.data);
  if (body.length > eventBytesMax) {
    throw new HubError(
      "EVENT_TOO_LARGE",
      `This \`${type}\` has ${body.length} bytes, ${eventBytesMax} are allowed. Put large things elsewhere and name them.`,
    );
  }
  return { event: parsed.data, body };
}

/** What the caller does to its object later changes nothing that was published. Of what is no plain data, the schema makes its own. */
function ownCopy(data: object): object {
  if (!isPlain(data)) return data;
  const copy: Record<string, unknown> = { ...data };
  // Deeper than that no event nests.
  if (isPlain(copy.extra)) copy.extra = { ...copy.extra };
  return copy;
}

const isPlain = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const two = (value: number): string => String(value).padStart(2, "0");

/** This device's time with its zone: `2026-02-14T09:30:00.000+01:00`. */
export function localTime(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const shifted = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const minutes = Math.abs(offset);
  return `${shifted}${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
