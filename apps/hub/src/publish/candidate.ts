import {
  eventIdSchema,
  HubError,
  isEventType,
  isReservedName,
  limits,
  type ParcelEvent,
  parseJson,
  parseParcelEvent,
  type Queue,
  queueOf,
  toIssues,
  toJsonBytes,
} from "@waybill/events";
import { findable } from "./not-before.ts";

/** An event that passed its schema, its home, and its bytes as they came: those are kept and passed on. (`findable` has the one exception.) */
export type Candidate = { event: ParcelEvent; home: Queue; body: Uint8Array };

/**
 * Throws what is wrong with the event: too large, not JSON, unknown type, its schema's issues, or another home than `home`, which it was
 * published to. `line` and `isPlain` are those of `body`, as `readFrame` tells them.
 */
export function parseCandidate(body: Uint8Array, read: { home: Queue; line: string | Uint8Array; isPlain: boolean }): Candidate {
  const { home } = read;
  checkSize(body);
  const event = parseEvent(parseJson(read.line, "the event", read));
  if (!isStore(home, event.store))
    throw new HubError("INVALID_EVENT", `The event's home is ${queueOf("store", event.store)}, but it was published to lane ${home}.`);
  const kept = findable(event, body);
  if (kept !== body) checkSize(kept);
  return { event, home, body: kept };
}

/** Without making a text for each event. */
const STORE = queueOf("store", "");
const isStore = (queue: Queue, store: string): boolean =>
  queue.length === STORE.length + store.length && queue.startsWith(STORE) && queue.endsWith(store);

/** The same for an event that came as a value: its bytes are made here. */
export function makeCandidate(value: unknown): Candidate {
  const event = parseEvent(value);
  const body = toJsonBytes(event);
  checkSize(body);
  return { event, home: queueOf("store", event.store), body };
}

function checkSize(body: Uint8Array): void {
  if (body.length <= limits.eventBytesMax) return;
  throw new HubError(
    "EVENT_TOO_LARGE",
    `The event has ${body.length} bytes; ${limits.eventBytesMax} are allowed. Put large things elsewhere and name them.`,
  );
}

function parseEvent(value: unknown): ParcelEvent {
  const parsed = parseParcelEvent(value);
  if (parsed.success) return parsed.data;
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
  if (typeof type === "string" && !isEventType(type)) throw unknownType(type);
  const issues = toIssues(parsed.error);
  const first = issues[0];
  throw new HubError(
    "INVALID_EVENT",
    `The event breaks the schema of its type at "${first?.path ?? ""}": ${first?.message ?? "unknown"}.`,
    { issues },
  );
}

export function unknownType(type: string): HubError {
  const shown = eventIdSchema.safeParse(type).success ? `"${type}"` : "of that name";
  return isReservedName(type)
    ? new HubError("RESERVED_NAME", `${shown} is a name that Socket.IO or the hub keeps for itself; it cannot be an event type.`)
    : new HubError("UNKNOWN_TYPE", `There is no event type ${shown}; docs/PROTOCOL.md lists them.`);
}
