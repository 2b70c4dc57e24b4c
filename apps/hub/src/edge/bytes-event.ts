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
const BYTES_HEAD_MAX = 10;

/**
 * As `socket.emit(name, bytes)`, which is two packets: a text that announces the bytes, and they. Socket.IO looks for them in what it is
 * given, puts a mark in their place and writes that as JSON, and ws makes options, a head and two writes of each packet. Here what stands
 * before the bytes is one short buffer. Where there is no WebSocket it goes Socket.IO's way.
 */
export function sendBytes(socket: Socket, name: string, bytes: Uint8Array): void {
  const { conn } = socket;
  if (!takesFrames(conn)) {
    socket.emit(name, bytes);
    return;
  }
  if (!socket.connected) return;
  const head = headOf(`51-${socket.nsp.name},["${name}",{"_placeholder":true,"num":0}]`, bytes.length);
  countBytes(conn, head.length + bytes.length);
  // Without data of its own: Engine.IO counts nothing twice, and passes on the frames. Its type does not know of them.
  conn.write(undefined as never, { wsPreEncodedFrame: [head, bytes] } as never);
}

/** The frame of the announcement, which is ASCII, and the head of the next one. */
function headOf(announcement: string, bytes: number): Buffer {
  const textBytes = 1 + announcement.length;
  const head = Buffer.allocUnsafe(frameHeadBytes(textBytes) + textBytes + BYTES_HEAD_MAX);
  const at = writeFrameHead(head, 0, textBytes);
  head[at] = MESSAGE;
  head.write(announcement, at + 1, "latin1");
  return head.subarray(0, writeBytesHead(head, at + textBytes, bytes));
}

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
