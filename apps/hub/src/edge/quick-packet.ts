import { isSocketIoName } from "@waybill/events";
import { type Packet, PacketType } from "socket.io-parser";
import { ACK, BINARY_EVENT, EVENT, MESSAGE } from "./packet-marks.ts";

/** An id has no more digits than a number holds exactly. */
const ID_DIGITS_MAX = 15;

const { latin1Slice } = Buffer.prototype;

const DASH = 0x2d;
const SLASH = 0x2f;
const ZERO = 0x30;
const ONE = 0x31;
const NINE = 0x39;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const COMMA = 0x2c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const QUOTE = 0x22;

/**
 * Reads the two kinds of packet that a connection sends all day: an event and an acknowledgement, without bytes beside them. `null`:
 * another kind, or something is wrong with it; Socket.IO's own decoder reads it then, or says what.
 * That looks at each character of the head as a text of its own: a tenth of what an event of a plain client cost the hub.
 */
export class QuickPackets {
  /** The namespace of the packet before, mostly of all: a new text for each would be hashed for each. */
  #namespace = "/";

  read(text: string): Packet | null {
    const kind = text.charCodeAt(0);
    if (kind !== EVENT && kind !== ACK) return null;
    const behindNamespace = this.#readNamespace(text);
    const start = behindDigits(text, behindNamespace);
    if (start - behindNamespace > ID_DIGITS_MAX || text.charCodeAt(start) !== OPENING_BRACKET) return null;
    const data = argumentsOf(text, start);
    if (data === null || (kind === EVENT && !isEvent(data))) return null;
    const packet: Packet = { type: kind === EVENT ? PacketType.EVENT : PacketType.ACK, nsp: this.#namespace, data };
    if (start > behindNamespace) packet.id = Number(text.slice(behindNamespace, start));
    return packet;
  }

  /** Answers where it ends. */
  #readNamespace(text: string): number {
    if (text.charCodeAt(1) !== SLASH) {
      this.#namespace = "/";
      return 1;
    }
    const known = this.#namespace;
    if (text.startsWith(known, 1) && text[1 + known.length] === ",") return known.length + 2;
    const comma = text.indexOf(",");
    if (comma < 0) return text.length;
    this.#namespace = text.slice(1, comma);
    return comma + 1;
  }
}

function behindDigits(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) >= ZERO && text.charCodeAt(at) <= NINE) at += 1;
  return at;
}

function argumentsOf(text: string, start: number): unknown[] | null {
  // Most acknowledgements say nothing.
  if (text.length === start + 2 && text.endsWith("[]")) return [];
  try {
    const data: unknown = JSON.parse(text.slice(start));
    return Array.isArray(data) ? data : null;
  } catch {
    return null;
  }
}

/** As Socket.IO has it, but for names that are numbers, and those that it reserves: of these it decides itself. */
const isEvent = ([name]: unknown[]): boolean => typeof name === "string" && !isSocketIoName(name);

/** Of `43/namespace,17[]`, as it lies in what came from a WebSocket: its id. -1: something else. */
export function readEmptyAck(data: Buffer, { from, to }: { from: number; to: number }, namespace: string): number {
  const start = behindHead(data, { from, kind: ACK }, namespace);
  const end = to - 2;
  if (start < 0 || end <= start || data[end] !== OPENING_BRACKET || data[end + 1] !== CLOSING_BRACKET) return -1;
  return readId(data, start, end);
}

/** An event of one argument that is asked for an answer. The argument's JSON stands in its bytes from `from` to `to`. */
export type OneArgument = { name: string; id: number; from: number; to: number };

/** Of `42/namespace,17["name",{…}]`, as it came from a WebSocket. `null`: something else. What stands between the braces was not looked at. */
export function readOneArgument(data: Buffer, namespace: string): OneArgument | null {
  const start = behindHead(data, { from: 0, kind: EVENT }, namespace);
  const to = data.length - 1;
  if (start < 0 || data[to] !== CLOSING_BRACKET || data[to - 1] !== CLOSING_BRACE) return null;
  const bracket = data.indexOf(OPENING_BRACKET, start);
  const quote = data.indexOf(QUOTE, bracket + 2);
  const from = quote + 2;
  if (bracket < 0 || quote < 0 || data[bracket + 1] !== QUOTE || data[quote + 1] !== COMMA || data[from] !== OPENING_BRACE) return null;
  const id = readId(data, start, bracket);
  return id < 0 ? null : { name: nameAt(data, bracket + 2, quote), id, from, to };
}

/** The name before, mostly of all: a new text for each would be hashed for each. */
let latestName = "";

function nameAt(data: Buffer, from: number, to: number): string {
  if (to - from !== latestName.length || !isTextAt(data, from, latestName)) latestName = latin1Slice.call(data, from, to);
  return latestName;
}

function isTextAt(data: Buffer, from: number, text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (data[from + at] !== text.charCodeAt(at)) return false;
  return true;
}

/** What stands behind the name of an event whose only argument is bytes. */
const ONE_BYTES = '",{"_placeholder":true,"num":0}]';
const QUOTED_NAME = /^\["[a-z]+$/;

/** An event whose one argument is the bytes that come next, and that is asked for an answer. */
export type BytesEvent = { name: string; id: number };

/** Of `451-/namespace,17["name",{"_placeholder":true,"num":0}]`, as it came from a WebSocket. `null`: something else. */
export function readBytesEvent(data: Buffer, namespace: string): BytesEvent | null {
  if (data[0] !== MESSAGE || data[1] !== BINARY_EVENT || data[2] !== ONE || data[3] !== DASH) return null;
  const start = behindNamespace(data, 4, namespace);
  const bracket = start < 0 ? -1 : data.indexOf(OPENING_BRACKET, start);
  const nameEnd = data.length - ONE_BYTES.length;
  if (bracket < 0 || nameEnd <= bracket || latin1Slice.call(data, nameEnd, data.length) !== ONE_BYTES) return null;
  const quoted = latin1Slice.call(data, bracket, nameEnd);
  const id = readId(data, start, bracket);
  const name = quoted.slice(2);
  return id < 0 || !QUOTED_NAME.test(quoted) || isSocketIoName(name) ? null : { name, id };
}

/** Where a packet's id begins, behind Engine.IO's mark, the kind and `/namespace,`. -1: it is of another kind or namespace. */
function behindHead(data: Buffer, { from, kind }: { from: number; kind: number }, namespace: string): number {
  return data[from] === MESSAGE && data[from + 1] === kind ? behindNamespace(data, from + 2, namespace) : -1;
}

function behindNamespace(data: Buffer, from: number, namespace: string): number {
  const comma = from + namespace.length;
  return data[comma] === COMMA && isTextAt(data, from, namespace) ? comma + 1 : -1;
}

/** -1: there is none, or anything else between. */
function readId(data: Buffer, start: number, end: number): number {
  if (end <= start || end - start > ID_DIGITS_MAX) return -1;
  let id = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (data[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    id = id * 10 + digit;
  }
  return id;
}
