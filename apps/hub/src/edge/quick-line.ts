import { isUtf8 } from "node:buffer";
import type { Socket } from "socket.io";
import { PacketType } from "socket.io-parser";
import { type GuardedDecoder, isTooDeep } from "./guarded-parser.ts";
import { ACK, BINARY_EVENT, EVENT, MESSAGE } from "./packet-marks.ts";
import { readFramesQuickly, type TextListener } from "./quick-frames.ts";
import { type BytesEvent, type OneArgument, QuickPackets, readBytesEvent, readEmptyAck, readOneArgument } from "./quick-packet.ts";

/** A socket that is served, and what its peer is heard by. */
export interface End {
  readonly socket: Socket;
  /** An event's name and its arguments. `id`: it waits for an answer under that; `null`: for none. */
  hear(name: string, args: unknown[], id: number | null): void;
  /** As `hear`, an event's one argument in its bytes. `false`: it is to be heard as a value. */
  hearBytes(bytes: Buffer, event: OneArgument): boolean;
}

/** An event whose bytes are to come next; `text`: as it came itself. */
type Announced = { text: Buffer; end: End; event: BytesEvent };

const packets = new QuickPackets();
const nothing: readonly unknown[] = [];

/**
 * The short way of a text from a connection's WebSocket to whom it is for. Engine.IO and Socket.IO hand a packet through ten functions,
 * make as many objects of it and give it a tick of its own: of what a plain client's event cost the hub, that was a fifth. What comes all
 * day, an event or an acknowledgement for a socket that is served, goes straight to it; an event whose one argument is bytes does so when these
 * are there. All else goes their way, and so does what comes
 *
 *   – behind something that went their way and waits for its tick: nothing overtakes it;
 *   – while a ping is not answered: Engine.IO is to see that its peer lives;
 *   – between an event and the bytes that belong to it, with that event; or with the end of its connection: theirs to refuse.
 */
class QuickLine implements TextListener {
  readonly #connection: Connection;
  readonly #theirWay: OnMessage;
  #ends: readonly End[] = [];
  /** So many went their way and wait for their ticks. */
  #underWay = 0;
  #announced: Announced | null = null;

  constructor(connection: Connection, theirWay: OnMessage) {
    this.#connection = connection;
    this.#theirWay = theirWay;
  }

  serve(end: End): void {
    this.#ends = [...this.#ends.filter(({ socket }) => socket.connected), end];
  }

  /** As `take`, a text where it lies in what came. `false`: it is no text, for it is not UTF-8. */
  takeText(chunk: Buffer, from: number, to: number): boolean {
    const isAck = chunk[from + 1] === ACK && this.#announced === null;
    if (isAck && this.#isClear() && this.#isAckHandedOver(chunk, from, to)) return true;
    const data = chunk.subarray(from, to);
    if (!isUtf8(data)) return false;
    this.take(data, false);
    return true;
  }

  take(data: Buffer, isBinary: boolean): void {
    if (this.#announced !== null) this.#takeBehind(this.#announced, data, isBinary);
    else if (isBinary || !this.#isClear() || !this.#isHandedOver(data)) this.#goTheirWay(data, isBinary);
  }

  #takeBehind({ text, end, event }: Announced, data: Buffer, isBinary: boolean): void {
    this.#announced = null;
    if (isBinary && this.#isClear() && isThere(end.socket)) {
      end.hear(event.name, [data], event.id);
      return;
    }
    this.#goTheirWay(text, false);
    this.#goTheirWay(data, isBinary);
  }

  #goTheirWay(data: Buffer, isBinary: boolean): void {
    this.#underWay += 1;
    this.#theirWay(data, isBinary);
    process.nextTick(arrived, this);
  }

  /** Called behind the tick of what went their way. */
  arrived(): void {
    this.#underWay -= 1;
  }

  #isClear(): boolean {
    const { readyState, pingTimeoutTimer } = this.#connection;
    return this.#underWay === 0 && readyState === "open" && pingTimeoutTimer === null;
  }

  #isHandedOver(data: Buffer): boolean {
    const kind = data[1];
    if (data[0] !== MESSAGE) return false;
    if (kind === BINARY_EVENT) return this.#isAnnounced(data);
    if (kind !== EVENT && kind !== ACK) return false;
    if (kind === ACK ? this.#isAckHandedOver(data, 0, data.length) : this.#isHeardAsBytes(data)) return true;
    const text = data.toString("utf8", 1);
    const packet = isTooDeep(text) ? null : packets.read(text);
    const end = packet && this.#ends.find(({ socket }) => socket.nsp.name === packet.nsp);
    if (!packet || !end || !isThere(end.socket)) return false;
    if (packet.type === PacketType.ACK) acknowledge(end.socket, packet.id, packet.data);
    else end.hear(packet.data.shift(), packet.data, packet.id ?? null);
    return true;
  }

  #isHeardAsBytes(data: Buffer): boolean {
    for (const end of this.#ends) {
      const event = readOneArgument(data, end.socket.nsp.name);
      if (event !== null && isThere(end.socket)) return end.hearBytes(data, event);
    }
    return false;
  }

  #isAnnounced(text: Buffer): boolean {
    for (const end of this.#ends) {
      const event = isThere(end.socket) ? readBytesEvent(text, end.socket.nsp.name) : null;
      if (event === null) continue;
      this.#announced = { text, end, event };
      return true;
    }
    return false;
  }

  /** Most acknowledgements say nothing, and are read without a text. */
  #isAckHandedOver(data: Buffer, from: number, to: number): boolean {
    for (const { socket } of this.#ends) {
      const id = readEmptyAck(data, { from, to }, socket.nsp.name);
      if (id < 0 || !isThere(socket)) continue;
      acknowledge(socket, id, nothing);
      return true;
    }
    return false;
  }
}

const arrived = (line: QuickLine): void => line.arrived();

/** From now on its events and acknowledgements come the short way, as soon as there is a WebSocket. */
export function serveQuickly(end: End): void {
  const connection = end.socket.conn as unknown as Connection;
  const line = connection[LINE] ?? openLine(connection);
  if (line) line.serve(end);
  else if (connection.transport.name === "polling") connection.once("upgrade", () => end.socket.connected && serveQuickly(end));
}

/** `null`: it has no WebSocket, or one that others listen to. */
function openLine(connection: Connection): QuickLine | null {
  const { name, socket } = connection.transport;
  if (name !== "websocket" || !socket || socket.listenerCount("message") !== 1) return null;
  const [theirWay] = socket.listeners("message") as [OnMessage];
  const line = new QuickLine(connection, theirWay);
  connection[LINE] = line;
  socket[LINE] = line;
  socket.removeListener("message", theirWay);
  socket.on("message", onMessage);
  readFramesQuickly(socket, line);
  return line;
}

// The same function for all connections: a hub has thousands that wait for weeks.
function onMessage(this: Messages, data: Buffer, isBinary: boolean): void {
  this[LINE]?.take(data, isBinary);
}

function acknowledge(socket: Socket, id: number | undefined, args: readonly unknown[]): void {
  const { acks } = socket as unknown as Acknowledged;
  const answer = id === undefined ? undefined : acks.get(id);
  if (id === undefined || typeof answer !== "function") return;
  acks.delete(id);
  answer(...args);
}

/** Its client said no goodbye, and no bytes of an event before are to come. */
function isThere(socket: Socket): boolean {
  const { decoder } = socket.client as unknown as Client;
  return socket.connected && !decoder.waitsForBytes;
}

/** Neither Engine.IO, Socket.IO nor ws tells the types of these. */
type OnMessage = (data: Buffer, isBinary: boolean) => void;
type Messages = NodeJS.EventEmitter & { [LINE]?: QuickLine };
type Connection = NodeJS.EventEmitter & {
  readonly readyState: string;
  readonly pingTimeoutTimer: unknown;
  readonly transport: { readonly name: string; readonly socket?: Messages };
  [LINE]?: QuickLine;
};
type Client = { readonly decoder: GuardedDecoder };
type Acknowledged = { readonly acks: Map<number, unknown> };

/** Kept at the connection and its WebSocket themselves: a map of them all would be asked for each packet. */
const LINE = Symbol("quick line");
