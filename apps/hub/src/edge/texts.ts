import type { Socket } from "socket.io";
import { frameHeadBytes, TEXT_BYTES_MAX, takesFrames, writeFrameHead } from "./one-buffer.ts";
import { countBytes } from "./outgoing.ts";
import { MESSAGE } from "./packet-marks.ts";

/** A Socket.IO packet in the parts of its text: `json` is as its publisher wrote it, up to `end`; around it there is nothing but ASCII. */
export type TextPacket = { readonly head: string; readonly json: Uint8Array; readonly end: number; readonly tail: string };

type Connection = Socket["conn"] & { [TEXTS]?: TextPacket[] | null };
/** What is to leave at the end of this turn. */
const TEXTS = Symbol("texts");

const nothing = new Uint8Array(0);
export const textPacket = (text: string): TextPacket => ({ head: text, json: nothing, end: 0, tail: "" });

/**
 * The short way of a text to a connection: all of a turn are written as WebSocket frames into one buffer, straight from the bytes that
 * they were published as, and neither Socket.IO nor Engine.IO makes anything of each. It leaves behind the turn, or before whatever else
 * is sent to that connection. Where there is no WebSocket, or the text is a long one, it goes Engine.IO's way.
 */
export function sendText({ conn }: Socket, packet: TextPacket): void {
  const connection: Connection = conn;
  if (connection.readyState !== "open") return;
  if (lengthOf(packet) > TEXT_BYTES_MAX || !takesFrames(connection)) {
    connection.write(wholeText(packet));
    return;
  }
  countBytes(connection, lengthOf(packet));
  if (connection[TEXTS]) connection[TEXTS].push(packet);
  else {
    connection[TEXTS] = [packet];
    process.nextTick(flushTexts, connection);
  }
}

/** Hands over what waits for the end of the turn. */
export function flushTexts(connection: Connection): void {
  const texts = connection[TEXTS];
  if (!texts) return;
  connection[TEXTS] = null;
  if (takesFrames(connection)) sendFrames(connection, framesOf(texts));
  else for (const packet of texts) connection.write(wholeText(packet));
}

/** Without data of its own: Engine.IO counts nothing twice, and passes on the frames. Its type does not know of them. */
function sendFrames(connection: Connection, frames: Buffer): void {
  connection.write(undefined as never, { wsPreEncodedFrame: [frames] } as never);
}

/** With Engine.IO's mark. */
const lengthOf = ({ head, end, tail }: TextPacket): number => 1 + head.length + end + tail.length;

function wholeText({ head, json, end, tail }: TextPacket): string {
  return `${head}${Buffer.from(json.buffer, json.byteOffset, end).toString()}${tail}`;
}

function framesOf(texts: readonly TextPacket[]): Buffer {
  let bytes = 0;
  for (const packet of texts) bytes += frameHeadBytes(lengthOf(packet)) + lengthOf(packet);
  const frames = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const packet of texts) at = writeText(frames, at, packet);
  return frames;
}

/** Answers where it ends. */
function writeText(frames: Buffer, start: number, packet: TextPacket): number {
  const { head, json, end, tail } = packet;
  let at = writeFrameHead(frames, start, lengthOf(packet));
  frames[at] = MESSAGE;
  at += 1;
  frames.write(head, at, "latin1");
  at += head.length;
  // Mostly it ends but for a brace, which the tail then covers: a view of less is dearer than to copy it.
  if (end > 0) frames.set(json.length <= end + tail.length ? json : json.subarray(0, end), at);
  at += end;
  if (tail.length > 0) frames.write(tail, at, "latin1");
  return at + tail.length;
}
