import type { Socket } from "socket.io";
import { frameHeadBytes, takesFrames, writeFrameHead } from "./one-buffer.ts";
import { countBytes } from "./outgoing.ts";
import { MESSAGE } from "./packet-marks.ts";

/** Bytes, and all of them. RFC 6455, 5.2. */
const FINAL_BYTES = 0x82;
const SHORT_BYTES_MAX = 125;
const LENGTH_FOLLOWS = 126;
const LONG_LENGTH_FOLLOWS = 127;
const LENGTH_16_MAX = 0xffff;

/** Bytes that write themselves to where they leave from. */
export interface OwnBytes {
  readonly length: number;
  write(into: Buffer, at: number): void;
}

/**
 * As `socket.emit(name, bytes)`, which is two packets: a text that announces the bytes, and they. Socket.IO looks for them in what it is
 * given, puts a mark in their place and writes that as JSON, and ws makes options, a head and two writes of each packet. Here both packets are
 * one buffer: to write even two costs Node more than to put a few hundred bytes together. Where there is no WebSocket it goes Socket.IO's way.
 */
export function sendBytes(socket: Socket, name: string, bytes: OwnBytes): void {
  const { conn } = socket;
  if (!takesFrames(conn)) {
    socket.emit(name, alone(bytes));
    return;
  }
  if (!socket.connected) return;
  const announcement = announcementOf(socket.nsp.name, name);
  const frames = Buffer.allocUnsafe(announcement.length + bytesHeadBytes(bytes.length) + bytes.length);
  frames.set(announcement);
  bytes.write(frames, writeBytesHead(frames, announcement.length, bytes.length));
  countBytes(conn, frames.length);
  // Without data of its own: Engine.IO counts nothing twice, and passes on the frames. Its type does not know of them.
  conn.write(undefined as never, { wsPreEncodedFrame: [frames] } as never);
}

/** In memory of their own. */
export function alone(bytes: OwnBytes): Uint8Array {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.write(own, 0);
  return own;
}

/** The frame before, mostly of all: a hub says one such thing to all of its vendors. */
let latest: { namespace: string; name: string; frame: Uint8Array } = { namespace: "", name: "", frame: new Uint8Array() };

function announcementOf(namespace: string, name: string): Uint8Array {
  if (latest.namespace !== namespace || latest.name !== name) latest = { namespace, name, frame: announce(namespace, name) };
  return latest.frame;
}

/** All of it is ASCII. */
function announce(namespace: string, name: string): Buffer {
  const text = `51-${namespace},["${name}",{"_placeholder":true,"num":0}]`;
  const frame = Buffer.allocUnsafeSlow(frameHeadBytes(1 + text.length) + 1 + text.length);
  const at = writeFrameHead(frame, 0, 1 + text.length);
  frame[at] = MESSAGE;
  frame.write(text, at + 1, "latin1");
  return frame;
}

const bytesHeadBytes = (length: number): number => (length <= SHORT_BYTES_MAX ? 2 : length <= LENGTH_16_MAX ? 4 : 10);

/** Answers where it ends. */
function writeBytesHead(head: Buffer, at: number, length: number): number {
  head[at] = FINAL_BYTES;
  if (length <= SHORT_BYTES_MAX) return head.writeUInt8(length, at + 1);
  if (length <= LENGTH_16_MAX) {
    head[at + 1] = LENGTH_FOLLOWS;
    return head.writeUInt16BE(length, at + 2);
  }
  head[at + 1] = LONG_LENGTH_FOLLOWS;
  head.writeUInt32BE(0, at + 2);
  return head.writeUInt32BE(length, at + 6);
}
