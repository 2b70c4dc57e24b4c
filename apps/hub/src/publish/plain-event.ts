import {
  type EventLine,
  type EventType,
  eventTypes,
  limits,
  mayHaveProtoKey,
  type ParcelEvent,
  plainEventOfText,
  type ToldEvent,
  toldOfPlainText,
} from "@waybill/events";
import { opensMore } from "../edge/guarded-parser.ts";

const { latin1Slice, utf8Slice } = Buffer.prototype;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
/** Of a packet's JSON around an event's `data`. */
const LEVELS_AROUND = 2;

/** What a plain client published, checked, and the bytes to keep of it. */
export class PlainEvent {
  readonly event: ParcelEvent | ToldEvent;
  readonly body: Uint8Array;

  constructor(event: ParcelEvent | ToldEvent, body: Uint8Array) {
    this.event = event;
    this.body = body;
  }
}

/** The line that is being read: one for all, for none is kept. */
class Line implements EventLine {
  #bytes: Buffer = Buffer.alloc(0);
  #from = 0;
  text = "";

  take(bytes: Buffer, from: number, to: number): this {
    this.#bytes = bytes;
    this.#from = from;
    this.text = latin1Slice.call(bytes, from, to);
    return this;
  }

  cut(from: number, to: number): string {
    return latin1Slice.call(this.#bytes, this.#from + from, this.#from + to);
  }
}

const line = new Line();

/**
 * An event from the bytes of its JSON, where that is written as `docs/PROTOCOL.md` shows it: told by a pattern, of a type whose `data` nobody asks for on
 * its way, and otherwise by its names, with `data` alone parsed. It is kept where it came, with its type put before it: over what stood there, its
 * packet's head, which was read. `null`: it is written otherwise, or something is wrong with it; it is parsed as a whole then, and its schema says what.
 */
export function plainEventOf(type: EventType, bytes: Buffer, from: number, to: number): PlainEvent | null {
  const { text } = line.take(bytes, from, to);
  const before = heads.get(type);
  if (before === undefined || from + 1 < before.length || mayHaveProtoKey(text)) return null;
  const event = toldOfPlainText(type, line) ?? parsedOf(type, bytes, from, to);
  return event && new PlainEvent(event, withHead(before, bytes, from, to));
}

function parsedOf(type: EventType, bytes: Buffer, from: number, to: number): ParcelEvent | null {
  const dataFrom = bytes.indexOf(OPENING_BRACE, from + 1);
  if (dataFrom < 0 || dataFrom >= to || bytes[to - 1] !== CLOSING_BRACE) return null;
  const data = utf8Slice.call(bytes, dataFrom, to - 1);
  if (opensMore(data, limits.depthMax - LEVELS_AROUND)) return null;
  // A head of its own: cut out of a longer text, the event's names would keep all of that.
  return plainEventOfText(type, latin1Slice.call(bytes, from, dataFrom), data);
}

/** With what an event of each type begins. */
const heads = new Map<string, Uint8Array>(eventTypes.map((type) => [type, Buffer.from(`{"type":"${type}",`)]));

/** In place of its opening brace. */
function withHead(before: Uint8Array, bytes: Buffer, from: number, to: number): Uint8Array {
  const start = from + 1 - before.length;
  for (let at = 0; at < before.length; at += 1) bytes[start + at] = before[at] ?? 0;
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, to - start);
}
