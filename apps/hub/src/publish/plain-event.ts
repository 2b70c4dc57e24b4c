import { type EventType, limits, mayHaveProtoKey, type ParcelEvent, plainEventOfText } from "@waybill/events";
import { opensMore } from "../edge/guarded-parser.ts";

const { latin1Slice, utf8Slice } = Buffer.prototype;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
/** Of a packet's JSON around an event's `data`. */
const LEVELS_AROUND = 2;

/** What a plain client published, checked, and the bytes to keep of it. */
export class PlainEvent {
  readonly event: ParcelEvent;
  readonly body: Uint8Array;

  constructor(event: ParcelEvent, body: Uint8Array) {
    this.event = event;
    this.body = body;
  }
}

/**
 * An event from the bytes of its JSON, where that is written as `docs/PROTOCOL.md` shows it: its names told by one pattern, `data` alone
 * parsed, and kept as it came, with its type put before it. `null`: it is written otherwise, or something is wrong with it; it is parsed as a
 * whole then, and its schema says what.
 */
export function plainEventOf(type: EventType, bytes: Buffer, from: number, to: number): PlainEvent | null {
  const dataFrom = bytes.indexOf(OPENING_BRACE, from + 1);
  if (dataFrom < 0 || dataFrom >= to || bytes[to - 1] !== CLOSING_BRACE) return null;
  const data = utf8Slice.call(bytes, dataFrom, to - 1);
  if (mayHaveProtoKey(data) || opensMore(data, limits.depthMax - LEVELS_AROUND)) return null;
  // A head of its own: cut out of a longer text, the event's names would keep all of that.
  const event = plainEventOfText(type, latin1Slice.call(bytes, from, dataFrom), data);
  return event && new PlainEvent(event, withType(type, bytes, from, to));
}

function withType(type: EventType, bytes: Buffer, from: number, to: number): Buffer {
  const before = `{"type":"${type}",`;
  const body = Buffer.allocUnsafe(before.length + to - from - 1);
  body.write(before, "latin1");
  bytes.copy(body, before.length, from + 1, to);
  return body;
}
