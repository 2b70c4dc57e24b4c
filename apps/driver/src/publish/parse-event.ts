import { randomUUID } from "node:crypto";
import { type EventType, HubError, isEventType, limits, type ParcelEvent, parcelEventSchema, publishers, toIssues } from "@waybill/events";
import { z } from "zod";

/** A line of input: an event whose `id`, `at` and `data` may be left out. */
const lineSchema = z.looseObject({
  type: z.string(),
  id: z.string().default(() => randomUUID()),
  data: z.record(z.string(), z.unknown()).default({}),
});

/**
 * The event that a line of JSON stands for. `at` is what an event without a time gets, ISO with its zone.
 * Throws HubError: INVALID_MESSAGE, UNKNOWN_TYPE, FORBIDDEN, EVENT_TOO_LARGE, or INVALID_EVENT with path and reason.
 */
export function parseEvent(text: string, at: string): ParcelEvent {
  const line = lineSchema.safeParse(parseJson(text));
  if (!line.success) throw new HubError("INVALID_MESSAGE", "The line is not an event.", { issues: toIssues(line.error) });
  checkType(line.data.type);
  const event = parcelEventSchema.safeParse({ at, ...line.data });
  if (!event.success) throw new HubError("INVALID_EVENT", "The event breaks its type's schema.", { issues: toIssues(event.error) });
  if (Buffer.byteLength(JSON.stringify(event.data)) > limits.eventBytesMax) throw tooLarge();
  return event.data;
}

export const tooLarge = (): HubError =>
  new HubError("EVENT_TOO_LARGE", `The event is larger than ${limits.eventBytesMax} bytes; put large things elsewhere and name them.`);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HubError("INVALID_MESSAGE", `The line is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function checkType(type: string): void {
  const mine = (Object.keys(publishers) as EventType[]).filter((name) => publishers[name].includes("driver"));
  if (!isEventType(type)) throw new HubError("UNKNOWN_TYPE", `No event type is called "${type}"; a driver publishes ${mine.join(", ")}.`);
  if (!mine.includes(type)) throw new HubError("FORBIDDEN", `A driver does not publish "${type}", only ${mine.join(", ")}.`);
}
