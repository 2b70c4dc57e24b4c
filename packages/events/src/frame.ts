/**
 * A frame: one line of JSON (the header), then one line of JSON per event, as its publisher wrote it.
 * JSON text has no raw line feed inside, so lines need no lengths and a body passes through the hub untouched.
 * Used on the wire as one binary message: `publish` from an SDK, `deliver` and `delivers` to it.
 */
import { HubError } from "./errors.ts";

const LINE_FEED = 10;
const HEADER = "the frame's header";
const encoder = new TextEncoder();
/** Strict: bodies are passed on as they came, so what one parser forgives (a byte order mark) must not reach the next. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `bodies` are events' JSON without line feeds. */
export function encodeFrame(header: unknown, bodies: readonly Uint8Array[]): Uint8Array {
  const head = encoder.encode(JSON.stringify(header));
  const frame = new Uint8Array(head.length + linesBytes(bodies));
  frame.set(head, 0);
  return withLines(frame, head.length, bodies);
}

/** What events take behind a frame's header. */
export function linesBytes(bodies: readonly Uint8Array[]): number {
  let size = 0;
  for (const body of bodies) size += 1 + body.length;
  return size;
}

/** The frame, with its events behind `at`, where its header ends. */
export function withLines(frame: Uint8Array, at: number, bodies: readonly Uint8Array[]): Uint8Array {
  let end = at;
  for (const body of bodies) {
    frame[end] = LINE_FEED;
    frame.set(body, end + 1);
    end += 1 + body.length;
  }
  return frame;
}

/** As `encodeFrame`, of events' texts: one encoding for all of them. The memory around it may be that of other frames: `byteOffset` counts. */
export function encodeTextFrame(header: unknown, texts: readonly string[]): Uint8Array {
  let frame = JSON.stringify(header);
  for (const text of texts) frame += `\n${text}`;
  return frames.encode(frame);
}

/**
 * Texts whose bytes share their memory, as Node's buffers do: an ArrayBuffer for each event cost a publisher more than all else that it
 * does for one, most of it in the collector of garbage; one for each of its frames, a seventh. A slab stays as long as one of its texts does.
 */
class Slab {
  readonly #size: number;
  /** In UTF-16 units, of which each is three bytes at most. Larger ones have memory of their own. */
  readonly #textMax: number;
  #bytes = new Uint8Array(0);
  #from = 0;

  constructor({ size, textMax }: { size: number; textMax: number }) {
    this.#size = size;
    this.#textMax = textMax;
  }

  encode(text: string): Uint8Array {
    if (text.length > this.#textMax) return encoder.encode(text);
    // Mostly a unit is one byte.
    const written = this.#from + text.length > this.#bytes.length ? null : this.#write(text);
    if (written !== null) return written;
    this.#bytes = new Uint8Array(this.#size);
    this.#from = 0;
    return this.#write(text) ?? encoder.encode(text);
  }

  /** `null`: there is no room for it. */
  #write(text: string): Uint8Array | null {
    const { read, written } = encoder.encodeInto(text, this.#bytes.subarray(this.#from));
    if (read < text.length) return null;
    this.#from += written;
    return this.#bytes.subarray(this.#from - written, this.#from);
  }
}

/** Of those that are kept. */
const small = new Slab({ size: 8_192, textMax: 682 });
/** These leave at once. */
const frames = new Slab({ size: 65_536, textMax: 16_384 });

/** Larger texts are rare: only an event that is too large has one. */
const MEASURED_BYTES = 16_384;
const measured = new Uint8Array(MEASURED_BYTES);

/** A text's bytes in UTF-8. It is written over and over to the same place, where bytes of its own would be garbage at once. */
export function utf8Length(text: string): number {
  const { read, written } = encoder.encodeInto(text, measured);
  return read === text.length ? written : encoder.encode(text).length;
}

/** Throws INVALID_MESSAGE when the header is not JSON. */
export function decodeFrame(frame: Uint8Array): { header: unknown; bodies: Uint8Array[] } {
  const headEnd = frame.indexOf(LINE_FEED);
  const head = headEnd < 0 ? frame : frame.subarray(0, headEnd);
  return { header: parseJson(head, HEADER), bodies: frameBodies(frame) };
}

/** The events' bytes, one line each: views into `frame`, not copies. */
export function frameBodies(frame: Uint8Array): Uint8Array[] {
  const bodies: Uint8Array[] = [];
  const headEnd = frame.indexOf(LINE_FEED);
  for (let start = headEnd + 1; headEnd >= 0 && start <= frame.length; ) {
    const next = frame.indexOf(LINE_FEED, start);
    const end = next < 0 ? frame.length : next;
    bodies.push(frame.subarray(start, end));
    start = end + 1;
  }
  return bodies;
}

/**
 * The lines' text, the header's first: one decoding for all of them, where one for each costs more than parsing it.
 * `null` when some line is not UTF-8; `parseJson` of each body then tells which.
 */
export function frameLines(frame: Uint8Array): string[] | null {
  return textOf(frame)?.split("\n") ?? null;
}

function textOf(frame: Uint8Array): string | null {
  try {
    return decoder.decode(frame);
  } catch {
    return null;
  }
}

/**
 * `lines`: the events' texts, or their bytes where one is not UTF-8. `isPlain`: none of them can have a key `__proto__`. `isAscii`: each
 * character of the texts is one byte.
 */
export type ReadFrame = { header: unknown; lines: (string | Uint8Array)[]; isPlain: boolean; isAscii: boolean };

/** A frame, decoded once for its header and all of its lines. Throws INVALID_MESSAGE when the header is not JSON. */
export function readFrame(frame: Uint8Array): ReadFrame {
  const text = textOf(frame);
  if (text === null) {
    const { header, bodies } = decodeFrame(frame);
    return { header, lines: bodies, isPlain: false, isAscii: false };
  }
  const isPlain = !mayHaveProtoKey(text);
  const lines = text.split("\n");
  return { header: parseJson(lines.shift() ?? "", HEADER, { isPlain }), lines, isPlain, isAscii: text.length === frame.length };
}

/** As `frameBodies`, of a frame that was read: where its lines are as long in bytes, none is searched for its end. */
export function bodiesOf(frame: Uint8Array, { lines, isAscii }: ReadFrame): Uint8Array[] {
  if (!isAscii) return frameBodies(frame);
  const { buffer, byteOffset, length } = frame;
  const bodies = new Array<Uint8Array>(lines.length);
  let end = byteOffset + length;
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const size = lines[at]?.length ?? 0;
    bodies[at] = new Uint8Array(buffer, end - size, size);
    end -= size + "\n".length;
  }
  return bodies;
}

/**
 * JSON from bytes, or from their text; throws INVALID_MESSAGE that names `what`. No object in it has a key `__proto__`: zod's records
 * pass over that one, and a consumer that copies fields one by one would write to its objects' prototype.
 * `isPlain`: it is known that it cannot have that key, as `readFrame` tells it of a frame's lines.
 */
export function parseJson(source: Uint8Array | string, what: string, { isPlain = false } = {}): unknown {
  try {
    const text = typeof source === "string" ? source : decoder.decode(source);
    const value: unknown = JSON.parse(text);
    if (!isPlain && mayHaveProtoKey(text) && hasProtoKey(value)) throw new Error("a key is __proto__");
    return value;
  } catch (cause) {
    throw new HubError("INVALID_MESSAGE", `${what} is not JSON in UTF-8 without keys named __proto__; send what encodeFrame makes.`, {
      cause,
    });
  }
}

/** Only such a text can hold that key: plain, or with escapes. */
export const mayHaveProtoKey = (text: string): boolean => text.includes("__proto__") || text.includes("\\u");

function hasProtoKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "__proto__") || Object.values(value).some(hasProtoKey);
}

/** The memory around it may be that of other texts: `byteOffset` counts. */
export const toJsonBytes = (value: unknown): Uint8Array => small.encode(JSON.stringify(value));
