import {
  type EventText,
  eventText,
  eventTypes,
  HubError,
  isEventType,
  limits,
  parseParcelEvent,
  textOfGood,
  toIssues,
} from "@waybill/events";
import { EventEntry } from "./event-entry.ts";
import { homeOf } from "./home-of.ts";
import { randomId } from "./random-id.ts";
import type { NewEvent } from "./types.ts";

type SchemaError = Parameters<typeof toIssues>[0];
type Completed = NewEvent & { id: string };

/**
 * Completes and checks an event before it enters the outbox: what is in there is fit to send.
 * Throws UNKNOWN_TYPE, INVALID_EVENT (with each path) or EVENT_TOO_LARGE.
 */
export function newEntry(event: NewEvent, eventBytesMax: number = limits.eventBytesMax): EventEntry {
  const given = completed(event);
  const { text, bytes } = textOfGood(given) ?? parsedText(given);
  if (bytes > eventBytesMax) {
    throw new HubError(
      "EVENT_TOO_LARGE",
      `This \`${event.type}\` has ${bytes} bytes, ${eventBytesMax} are allowed. Put large things elsewhere and name them.`,
    );
  }
  return new EventEntry({ queue: homeOf(given.store), id: given.id, text, bytes });
}

function parsedText(event: Completed): EventText {
  const parsed = parseParcelEvent(event);
  if (!parsed.success) throw brokenEvent(event, parsed.error);
  return eventText(parsed.data);
}

function brokenEvent({ type }: NewEvent, error: SchemaError): HubError {
  if (!isEventType(type))
    return new HubError("UNKNOWN_TYPE", `There is no event type \`${String(type)}\`; there are ${eventTypes.join(", ")}.`);
  const issues = toIssues(error);
  const where = issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
  return new HubError("INVALID_EVENT", `This \`${type}\` breaks its schema (${where}). Mend it and publish it again.`, {
    issues,
    cause: error,
  });
}

/** A program that gives all of it pays for no copy: what is kept of its object is text. */
function completed(event: NewEvent): Completed {
  const { id = randomId(), at = localTime(new Date()), data = {} } = event;
  const isComplete = id === event.id && at === event.at && data === event.data;
  return (isComplete ? event : { ...event, id, at, data }) as Completed;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** This device's time with its zone: `2026-02-14T09:30:00.000+01:00`. */
export function localTime(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const shifted = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const minutes = Math.abs(offset);
  return `${shifted}${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
