import { type ParcelEvent, utf8Length } from "@waybill/events";
import type { Entry, Waiter } from "./ledger.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

type Made = { queue: string; id: string; text: string; bytes?: number };

/**
 * An entry from `publish` to the confirm, one object. Thousands are under way at once, and what costs is what the collector of garbage finds
 * alive: so it keeps the event's JSON and no other form of it. Event and bytes are made anew for each who asks, and next to nobody does.
 */
export class EventEntry implements Entry {
  number = 0;
  readonly queue: string;
  readonly id: string;
  /** The event's JSON, also when its number is a void. */
  text: string;
  /** Of the text, in UTF-8. */
  bytes: number;
  isVoid = false;
  waiter: Waiter | null = null;

  constructor({ queue, id, text, bytes = utf8Length(text) }: Made) {
    this.queue = queue;
    this.id = id;
    this.text = text;
    this.bytes = bytes;
  }

  /** The entry itself, or one like it: an outbox of another kind may make its own. */
  static of(entry: Entry): EventEntry {
    if (entry instanceof EventEntry) return entry;
    const { queue, event, body, number } = entry;
    const made = new EventEntry({ queue, id: event.id, text: body === null ? JSON.stringify(event) : decoder.decode(body) });
    made.number = number;
    made.isVoid = body === null;
    return made;
  }

  get event(): ParcelEvent {
    return JSON.parse(this.text); // Its schema took it before it was written.
  }

  get body(): Uint8Array | null {
    return this.isVoid ? null : encoder.encode(this.text);
  }
  set body(body: Uint8Array | null) {
    this.isVoid = body === null;
    if (body === null) return;
    this.text = decoder.decode(body);
    this.bytes = body.length;
  }
}
