import type { Entry } from "@waybill/queue";
import type { StoredEvent } from "@waybill/storage";
import { notBeforeMsOf } from "../publish/not-before.ts";

/** What the hub keeps of an event behind the engine's `ref`. */
export type EventRef = Readonly<Pick<StoredEvent, "id" | "homeOffset" | "body">>;

/** `notBefore`: known of an event that was just published; without the field it is looked up in the body. */
type Facts = Readonly<Pick<StoredEvent, "id" | "type" | "parcel" | "body"> & { notBefore?: string | undefined }>;
type Place = Readonly<Pick<StoredEvent, "offset" | "recordedAtMs">>;

/** An event at its place in a queue, from its commit to its last settle: one object for the engine, for consumers and for the log. */
export class QueuedEvent implements Entry, EventRef {
  readonly offset: number;
  readonly key: string;
  readonly type: string;
  readonly bytes: number;
  readonly recordedAtMs: number;
  readonly notBeforeMs: number | undefined;
  readonly resolved: boolean;
  readonly id: string;
  readonly homeOffset: number;
  /** Written again by `keep-alone.ts` only, to the same bytes. */
  body: Uint8Array;

  /** `homeOffset` is 0 in the home queue itself. */
  constructor(facts: Facts, { offset, recordedAtMs }: Place, homeOffset: number, resolved = false) {
    const { id, type, parcel, body } = facts;
    this.offset = offset;
    this.key = parcel;
    this.type = type;
    this.bytes = body.length;
    this.recordedAtMs = recordedAtMs;
    this.notBeforeMs = "notBefore" in facts ? timeOf(facts.notBefore) : notBeforeMsOf(body);
    this.resolved = resolved;
    this.id = id;
    this.homeOffset = homeOffset;
    this.body = body;
  }

  get ref(): EventRef {
    return this;
  }
}

const timeOf = (notBefore: string | undefined): number | undefined => (notBefore === undefined ? undefined : Date.parse(notBefore));

/** As it is read again. */
export const entryOf = (event: StoredEvent, resolved: boolean): Entry =>
  new QueuedEvent(event, event, event.homeOffset === event.offset ? 0 : event.homeOffset, resolved);

/** The engine hands back what this file gave it. */
export function refOf(entry: Pick<Entry, "ref">): EventRef {
  return entry.ref as EventRef;
}
