import type { Socket } from "socket.io-client";
import { UnseenWebSocket } from "./unseen-websocket.ts";

/** What is longer has a head of another form: it goes their way. */
const BYTES_MAX = 65_535;
const SHORT_BYTES_MAX = 125;
/** A text, or bytes, and all of it. */
const FINAL_TEXT = 0x81;
const FINAL_BYTES = 0x82;
const LENGTH_FOLLOWS = 126;
const MASKED = 0x80;
const MASK_BYTES = 4;
/** Engine.IO's mark of a message. */
const MESSAGE = 0x34;

/**
 * Writes a message as the WebSocket frames that it is, straight to the socket below. On their way through Engine.IO and `ws` its packets are made
 * into objects, heads, lists and events: of what a message costs, half. `false`: nothing was written, it is for them. So it is
 *
 *   – behind something that they have not written yet: nothing overtakes it;
 *   – where the WebSocket is another one, as in a browser, or masks what it sends;
 *   – for a text that is not all of it ASCII, or is long.
 */
export function writeFrames({ transport }: Socket["io"]["engine"], text: string, bytes: Uint8Array | null): boolean {
  const sender = transport instanceof UnseenWebSocket ? transport.sender : null;
  const textBytes = 1 + text.length;
  if (sender === null || textBytes > BYTES_MAX || (bytes !== null && bytes.length > BYTES_MAX)) return false;
  if (Buffer.byteLength(text) !== text.length) return false;
  const made = Buffer.allocUnsafe(headBytes(textBytes) + textBytes + (bytes === null ? 0 : headBytes(bytes.length)));
  const textAt = writeHead(made, 0, { kind: FINAL_TEXT, length: textBytes });
  made[textAt] = MESSAGE;
  made.write(text, textAt + 1, "latin1");
  if (bytes !== null) writeHead(made, textAt + textBytes, { kind: FINAL_BYTES, length: bytes.length });
  sender.sendFrame(bytes === null ? [made] : [made, bytes]);
  return true;
}

const headBytes = (length: number): number => (length > SHORT_BYTES_MAX ? 4 : 2) + MASK_BYTES;

/** RFC 6455, 5.2; a client's mask, of zeros. Answers where it ends. */
function writeHead(frame: Buffer, at: number, { kind, length }: { kind: number; length: number }): number {
  frame[at] = kind;
  let end = at + 2;
  if (length > SHORT_BYTES_MAX) {
    frame[at + 1] = MASKED | LENGTH_FOLLOWS;
    end = frame.writeUInt16BE(length, end);
  } else frame[at + 1] = MASKED | length;
  frame.fill(0, end, end + MASK_BYTES);
  return end + MASK_BYTES;
}
