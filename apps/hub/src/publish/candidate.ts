import {
  type EventType,
  eventIdSchema,
  HubError,
  isEventType,
  isReservedName,
  limits,
  type ParcelEvent,
  type ParcelEventOf,
  parseParcelEvent,
  type Queue,
  queueOf,
  queueParts,
  type ToldEvent,
  toIssues,
  toJsonBytes,
} from "@waybill/events";
import type { AppendItem } from "@waybill/storage";
import { findable } from "./not-before.ts";
import type { Refusal } from "./refusal.ts";

/** The events that ask something of their parcel's claim, or go to whom it names. */
export type ClaimEvent = ParcelEventOf<"ready" | "pickup" | "cancelled" | "message">;

/**
 * An event that passed its schema, with its bytes as they came: those are kept and passed on. (`findable` has the one exception.)
 * It is made once, and is itself what the committer appends; admission writes into it where it goes. Hundreds wait for their commit at
 * once, and what they hold is copied by the collector of garbage: so there stays of the parsed event what admission asks for, not more.
 */
export type Candidate = AppendItem & {
  type: EventType;
  store: string;
  notBefore: string | undefined;
  /** Its names, and its publisher's, are known: found out once, for nothing makes a name unknown again. */
  isOfKnownNames: boolean;
  /** The event itself, where it has to do with its parcel's claim. */
  onClaim: ClaimEvent | null;
  /**
   * What that claim refuses now. It is appended all the same, as a question: a repeat of what was stored before its claim moved on is
   * still a `duplicate`; an event that is new is answered `claim-moved`, appends nothing, and is refused.
   */
  refusal: Refusal | null;
};

/** What events of one publisher for one home have in common. `store`: whose home it is; `""`: no store's. */
export type Origin = Publisher & Pick<AppendItem, "home"> & { store: string };
export type Publisher = Pick<AppendItem, "tenant" | "from">;

export function originOf({ tenant, from }: Publisher, home: Queue): Origin {
  const { kind, id } = queueParts(home);
  return { tenant, from, home, store: kind === "store" ? id : "" };
}

const noCopies: AppendItem["copies"] = [];

type Parsed = { event: ParcelEvent | ToldEvent; body: Uint8Array; number: number };

/** Throws EVENT_TOO_LARGE, or INVALID_EVENT when its home is not that of its origin. */
export function candidateOf({ event, body, number }: Parsed, { tenant, from, home, store: ownStore }: Origin): Candidate {
  const { id, type, parcel, store, notBefore } = event;
  if (store !== ownStore)
    throw new HubError("INVALID_EVENT", `The event's home is ${queueOf("store", store)}, but it was published to lane ${home}.`);
  const kept = findable(event, body);
  checkSize(kept);
  const onClaim = isClaimEvent(event) ? event : null;
  return {
    tenant,
    from,
    number,
    home,
    id,
    type,
    parcel,
    body: kept,
    copies: noCopies,
    claim: undefined,
    // The same text, but this one is known to the tables that it is looked up in.
    store: ownStore,
    notBefore,
    isOfKnownNames: false,
    onClaim,
    refusal: null,
  };
}

const isClaimEvent = (event: ParcelEvent | ToldEvent): event is ClaimEvent =>
  event.type === "ready" || event.type === "pickup" || event.type === "cancelled" || event.type === "message";

/** An event that came as a value, of a publisher who does not count: its bytes are made here. */
export function makeCandidate(value: unknown, publisher: Publisher): Candidate {
  const event = parseEvent(value);
  return candidateOf({ event, body: toJsonBytes(event), number: 0 }, originOf(publisher, queueOf("store", event.store)));
}

export function checkSize(body: Uint8Array): void {
  if (body.length <= limits.eventBytesMax) return;
  throw new HubError(
    "EVENT_TOO_LARGE",
    `The event has ${body.length} bytes; ${limits.eventBytesMax} are allowed. Put large things elsewhere and name them.`,
  );
}

/** Throws what is wrong with it: an unknown type, or its schema's issues. */
export function parseEvent(value: unknown): ParcelEvent {
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
