import type { Socket } from "socket.io";
import { frameHeadBytes, TEXT_BYTES_MAX, takesFrames, writeFrameHead } from "./one-buffer.ts";
import { countBytes } from "./outgoing.ts";
import { MESSAGE } from "./packet-marks.ts";

/** A Socket.IO packet that writes itself to where it leaves from. */
export interface TextPacket {
  /** Of its text, in UTF-8. */
  readonly bytes: number;
  /** Answers where it ends. */
  write(into: Buffer, at: number): number;
}

type Connection = Socket["conn"] & { [TEXTS]?: TextPacket[] | null };
/** What is to leave at the end of this turn. */
const TEXTS = Symbol("texts");

/** One that is a text already. */
class WholeText implements TextPacket {
  readonly bytes: number;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    this.bytes = Buffer.byteLength(text);
  }

  write(into: Buffer, at: number): number {
    // As many bytes as characters: the same, and quicker.
    return at + into.write(this.#text, at, this.bytes === this.#text.length ? "latin1" : "utf8");
  }
}

export const textPacket = (text: string): TextPacket => new WholeText(text);

/**
 * The short way of a text to a connection: all of a turn are written as WebSocket frames into one buffer, straight from the bytes that
 * they were published as, and neither Socket.IO nor Engine.IO makes anything of each. It leaves behind the turn, or before whatever else
 * is sent to that connection. Where there is no WebSocket, or the text is a long one, it goes Engine.IO's way.
 */
export function sendText({ conn }: Socket, packet: TextPacket): void {
  const connection: Connection = conn;
  if (connection.readyState !== "open") return;
  const length = lengthOf(packet);
  if (length > TEXT_BYTES_MAX || !takesFrames(connection)) {
    connection.write(wholeText(packet));
    return;
  }
  countBytes(connection, length);
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
const lengthOf = ({ bytes }: TextPacket): number => 1 + bytes;

function wholeText(packet: TextPacket): string {
  const text = Buffer.allocUnsafe(packet.bytes);
  packet.write(text, 0);
  return text.toString();
}

function framesOf(texts: readonly TextPacket[]): Buffer {
  let bytes = 0;
  for (const packet of texts) bytes += frameHeadBytes(lengthOf(packet)) + lengthOf(packet);
  const frames = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const packet of texts) {
    at = writeFrameHead(frames, at, lengthOf(packet));
    frames[at] = MESSAGE;
    at = packet.write(frames, at + 1);
  }
  return frames;
}
