import { Writable } from "node:stream";
import { ACK, EVENT, MESSAGE } from "./packet-marks.ts";

/** Who hears the texts of a WebSocket. */
export interface TextListener {
  /** An event or an acknowledgement, in these bytes. `false`: it is none that a WebSocket may carry. */
  takeText(chunk: Buffer, from: number, to: number): boolean;
}

/** A text, and all of it: no extension, no part. */
const FINAL_TEXT = 0x81;
const MASKED = 0x80;
const LENGTH_BITS = 0x7f;
const LENGTH_FOLLOWS = 126;
const LONG_LENGTH_FOLLOWS = 127;
const MASK_BYTES = 4;
/** What is longer says so in another form, and is left to ws. */
const TEXT_BYTES_MAX = 65_535;
/** Engine.IO's mark and Socket.IO's. */
const MARKS = 2;

const theirWrite = Writable.prototype.write as (this: Writable, chunk: Buffer) => boolean;

const OPEN = 1;
/** Of ws: between two frames. */
const GET_INFO = 0;

/**
 * Reads a WebSocket's frames where they lie in what came from its connection: those that hold an event or an acknowledgement, whole. ws
 * makes seven views of bytes for each frame, and passes it through a stream and two emitters: for a plain client, as much as it costs to
 * read its event. Whatever else there is, and all behind it in its chunk, goes ws's way: parts of messages, frames that lie in two chunks, bytes,
 * pings, closes, and what breaks the protocol, which is ws's to refuse.
 */
export function readFramesQuickly(socket: object, listener: TextListener): void {
  const webSocket: WebSocket = socket;
  const receiver = webSocket._receiver;
  if (!receiver || !isKnown(receiver)) return;
  receiver[READS] = { webSocket, listener };
  receiver.write = writeQuickly;
}

// The same function for all connections: a hub has thousands that wait for weeks.
function writeQuickly(this: Receiver, chunk: Buffer): boolean {
  const reads = this[READS];
  const end = reads && isBetweenFrames(this) ? readFrames(chunk, reads) : 0;
  if (end === chunk.length) return true;
  return theirWrite.call(this, end === 0 ? chunk : chunk.subarray(end));
}

/** Answers where that ends which was read. */
function readFrames(chunk: Buffer, { webSocket, listener }: Reads): number {
  const words = new Int32Array(chunk.buffer, 0, chunk.buffer.byteLength >> 2);
  let at = 0;
  while (at < chunk.length && webSocket.readyState === OPEN) {
    const maskAt = behindLength(chunk, at);
    if (maskAt < 0) break;
    const from = maskAt + MASK_BYTES;
    const to = from + lengthOf(chunk, at);
    if (to > chunk.length || to - from < MARKS || !isOften(chunk, maskAt)) break;
    unmask(chunk, words, from, to);
    if (!listener.takeText(chunk, from, to)) {
      unmask(chunk, words, from, to);
      break;
    }
    at = to;
  }
  return at;
}

/** -1: it is not a masked text whose length stands in one or three bytes, or not all of that is there. */
function behindLength(chunk: Buffer, at: number): number {
  const second = chunk[at + 1] ?? 0;
  const length = second & LENGTH_BITS;
  if (chunk[at] !== FINAL_TEXT || (second & MASKED) === 0 || length === LONG_LENGTH_FOLLOWS) return -1;
  const end = length === LENGTH_FOLLOWS ? at + 4 : at + 2;
  return end + MASK_BYTES > chunk.length ? -1 : end;
}

function lengthOf(chunk: Buffer, at: number): number {
  const length = (chunk[at + 1] ?? 0) & LENGTH_BITS;
  return length === LENGTH_FOLLOWS ? ((chunk[at + 2] ?? 0) << 8) | (chunk[at + 3] ?? 0) : length;
}

/** One of the two kinds that come all day; its marks are masked still. */
function isOften(chunk: Buffer, maskAt: number): boolean {
  const from = maskAt + MASK_BYTES;
  const kind = (chunk[from + 1] ?? 0) ^ (chunk[maskAt + 1] ?? 0);
  return ((chunk[from] ?? 0) ^ (chunk[maskAt] ?? 0)) === MESSAGE && (kind === EVENT || kind === ACK);
}

/** A mask, and the same as one word of this machine. */
const maskBytes = new Uint8Array(MASK_BYTES);
const maskWord = new Int32Array(maskBytes.buffer);

/** The mask stands before it. Done twice, nothing is changed. Word by word where they lie in memory: a `DataView`'s take several times as long. */
function unmask(chunk: Buffer, words: Int32Array, from: number, to: number): void {
  const maskAt = from - MASK_BYTES;
  const wordsFrom = Math.min(to, from + (-(chunk.byteOffset + from) & 3));
  const wordsTo = wordsFrom + ((to - wordsFrom) & ~3);
  for (let at = 0; at < MASK_BYTES; at += 1) maskBytes[at] = chunk[maskAt + ((wordsFrom - from + at) & 3)] ?? 0;
  const mask = maskWord[0] ?? 0;
  if (mask === 0) return;
  for (let at = from; at < wordsFrom; at += 1) unmaskByte(chunk, at, maskAt + ((at - from) & 3));
  const end = (chunk.byteOffset + wordsTo) >> 2;
  for (let word = (chunk.byteOffset + wordsFrom) >> 2; word < end; word += 1) words[word] = (words[word] ?? 0) ^ mask;
  for (let at = wordsTo; at < to; at += 1) unmaskByte(chunk, at, maskAt + ((at - from) & 3));
}

function unmaskByte(chunk: Buffer, at: number, maskAt: number): void {
  chunk[at] = (chunk[at] ?? 0) ^ (chunk[maskAt] ?? 0);
}

/** Nothing of a frame or a message is with ws, and nothing waits to be looked at. */
function isBetweenFrames({ _state, _bufferedBytes, _fragmented, writableLength }: Receiver): boolean {
  return _state === GET_INFO && _bufferedBytes === 0 && _fragmented === 0 && writableLength === 0;
}

/** ws of another version may name these otherwise; it reads all frames then, and so it does where less is allowed than is read here. */
function isKnown({ _state, _bufferedBytes, _fragmented, _isServer, _maxPayload }: Receiver): boolean {
  const isTold = typeof _state === "number" && typeof _bufferedBytes === "number" && typeof _fragmented === "number";
  return isTold && _isServer && (_maxPayload === 0 || _maxPayload >= TEXT_BYTES_MAX);
}

const READS = Symbol("reads");

/** ws tells the types of none of these. */
type WebSocket = { readonly readyState?: number; readonly _receiver?: Receiver };
type Reads = { webSocket: WebSocket; listener: TextListener };
type Receiver = Writable & {
  readonly _state: number;
  readonly _bufferedBytes: number;
  readonly _fragmented: number;
  readonly _isServer: boolean;
  /** 0: no limit. */
  readonly _maxPayload: number;
  [READS]?: Reads;
};
