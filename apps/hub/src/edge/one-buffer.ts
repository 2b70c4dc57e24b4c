import type { Socket as Connection } from "engine.io";
import { MESSAGE } from "./packet-marks.ts";

/** As engine.io hands them over with `flush`: the list that it is about to send. */
export type OutgoingPacket = { type: string; data?: unknown; options?: { wsPreEncodedFrame?: unknown } };

/** What is longer has a head of another form; of such texts there are few, and what is done here would gain nothing. */
export const TEXT_BYTES_MAX = 65_535;
const SHORT_BYTES_MAX = 125;
/** A text, and all of it. */
const FINAL_TEXT = 0x81;
const LENGTH_FOLLOWS = 126;
const OPEN = 1;

/**
 * Writes the texts of one flush into one buffer, as the WebSocket frames that they are, and puts that into the list in their place. For
 * each packet on its own, `ws` makes options, a head, and two entries in the socket's list of writes, which Node then copies: of what it
 * costs to send an event to a plain client, that was half. Does nothing where one of them is no text, or another transport sends them.
 */
export function joinTexts(connection: Connection, packets: OutgoingPacket[]): void {
  if (packets.length < 2 || !takesFrames(connection)) return;
  const lengths = lengthsOf(packets);
  if (lengths === null) return;
  packets[0] = { type: "message", options: { wsPreEncodedFrame: [framesOf(packets, lengths)] } };
  packets.length = 1;
}

/** Of each packet's text in UTF-8, with its mark. `null`: not all of them are such texts. */
function lengthsOf(packets: readonly OutgoingPacket[]): number[] | null {
  const lengths: number[] = [];
  for (const { type, data, options } of packets) {
    if (type !== "message" || typeof data !== "string" || options?.wsPreEncodedFrame !== undefined) return null;
    const length = 1 + Buffer.byteLength(data);
    if (length > TEXT_BYTES_MAX) return null;
    lengths.push(length);
  }
  return lengths;
}

function framesOf(packets: readonly OutgoingPacket[], lengths: readonly number[]): Buffer {
  let bytes = 0;
  for (const length of lengths) bytes += frameHeadBytes(length) + length;
  const frames = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const [index, length] of lengths.entries()) {
    at = writeFrameHead(frames, at, length);
    frames[at] = MESSAGE;
    const text = packets[index]?.data as string;
    frames.write(text, at + 1, text.length + 1 === length ? "latin1" : "utf8"); // As many bytes as characters: the same, and quicker.
    at += length;
  }
  return frames;
}

export const frameHeadBytes = (length: number): number => (length > SHORT_BYTES_MAX ? 4 : 2);

/** Answers where the text begins. RFC 6455, 5.2; a server masks nothing. */
export function writeFrameHead(frames: Buffer, at: number, length: number): number {
  frames[at] = FINAL_TEXT;
  if (length <= SHORT_BYTES_MAX) {
    frames[at + 1] = length;
    return at + 2;
  }
  frames[at + 1] = LENGTH_FOLLOWS;
  frames[at + 2] = length >> 8;
  frames[at + 3] = length & 0xff;
  return at + 4;
}

/** Engine.IO passes on frames that are made already (`wsPreEncodedFrame`) under these conditions; neither it nor ws tells its type. */
type Below = { name: string; perMessageDeflate?: unknown; socket?: { readyState?: number; _sender?: { sendFrame?: unknown } } };

export function takesFrames({ transport }: Connection): boolean {
  const { name, perMessageDeflate, socket } = transport as unknown as Below;
  return name === "websocket" && !perMessageDeflate && socket?.readyState === OPEN && typeof socket._sender?.sendFrame === "function";
}
