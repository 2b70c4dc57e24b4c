import { HubError, type HubErrorBody, type Refused } from "@waybill/events";
import type { Socket } from "socket.io";
import { TokenBucket } from "./token-bucket.ts";
import { turnMs } from "./turn-clock.ts";
import { withoutStack } from "./without-stack.ts";

/**
 * Packets that a socket may send at once, and per second. An SDK sends tens; a plain client that waits for its answers may come to eight thousand. So many
 * events take a sixth of a core. → BUSY
 */
const packetRate = { capacity: 20_000, perSecond: 10_000 };
/** Packets answered with BUSY; who goes on in spite of them is cut off. → the connection closes */
const BUSY_ANSWERS_MAX = 10_000;
/** Packets that could not be answered, for they asked for no answer, or have a name nobody knows. → the connection closes */
const MISTAKES_MAX = 20;

/** Where the edge reports what it refused and what broke; the hub's proof of life. */
export type EdgeReport = {
  requestRefused(code: string, count: number): void;
  warn(message: string, detail?: Record<string, unknown>): void;
  fault(message: string, error: unknown): void;
};

/** The same for all sockets. */
export type SocketEdgeParts = { report: EdgeReport; isDraining: () => boolean; monotonicMs?: () => number };

/** What the edge keeps of one socket: how fast it talks, how often it was wrong, and what of it waits for an answer. */
export class SocketEdge {
  readonly socket: Socket;
  readonly #parts: SocketEdgeParts;
  readonly #bucket: TokenBucket;
  #busyAnswers = 0;
  #mistakes = 0;
  /** Requests that wait for their answers, by name. */
  #waiting: Map<string, number> | null = null;

  constructor(socket: Socket, parts: SocketEdgeParts) {
    this.socket = socket;
    this.#parts = parts;
    this.#bucket = new TokenBucket(packetRate, this.#nowMs());
  }

  get report(): EdgeReport {
    return this.#parts.report;
  }

  /** The hub leaves. */
  isDraining(): boolean {
    return this.#parts.isDraining();
  }

  /** `null`: the packet may pass. Closes the connection of a socket that ignores BUSY. */
  tooFast(): HubError | null {
    if (this.#bucket.take(this.#nowMs())) return null;
    this.#busyAnswers += 1;
    if (this.#busyAnswers > BUSY_ANSWERS_MAX) closeBecause(this.socket, tooFastError());
    return tooFastError();
  }

  /** Tells the peer and counts; the connection closes after 20 of these. */
  mistake(error: HubError): void {
    this.#mistakes += 1;
    this.report.requestRefused(error.code, 1);
    if (this.#mistakes >= MISTAKES_MAX) {
      closeBecause(this.socket, error);
      return;
    }
    this.report.warn("refused", detailOf(this.socket, error));
    tellRefused(this.socket, error.toBody(), false);
  }

  /** How many of this name wait, with this one. */
  asked(name: string): number {
    this.#waiting ??= new Map();
    const count = (this.#waiting.get(name) ?? 0) + 1;
    this.#waiting.set(name, count);
    return count;
  }

  answered(name: string): void {
    const count = this.#waiting?.get(name) ?? 0;
    if (count > 1) this.#waiting?.set(name, count - 1);
    else this.#waiting?.delete(name);
    if (this.#waiting?.size === 0) this.#waiting = null;
  }

  #nowMs(): number {
    return this.#parts.monotonicMs?.() ?? turnMs();
  }
}

const edges = new WeakMap<Socket, SocketEdge>();

/** Made at the handshake, once per socket. */
export function openSocketEdge(socket: Socket, parts: SocketEdgeParts): SocketEdge {
  const edge = new SocketEdge(socket, parts);
  edges.set(socket, edge);
  socket.on("error", closeAfterError);
  return edge;
}

/** A client may emit an event of this name as well; only Socket.IO's own carries an Error. */
function closeAfterError(this: Socket, error: unknown): void {
  if (error instanceof Error) closeBecause(this, new HubError("INVALID_MESSAGE", error.message, { cause: error }));
}

export function socketEdgeOf(socket: Socket): SocketEdge {
  const edge = edges.get(socket);
  if (!edge) throw new Error("this socket passed no guard: register the edge's middlewares on its namespace");
  return edge;
}

/** Says why, then closes so that the client comes back: after `socket.disconnect()` it never would. */
export function closeBecause(socket: Socket, error: HubError): void {
  if (socket.conn.readyState !== "open") return;
  edges.get(socket)?.report.warn("connection closed", detailOf(socket, error));
  tellRefused(socket, error.toBody(), true);
  socket.conn.close();
}

const detailOf = (socket: Socket, error: HubError) => ({
  namespace: socket.nsp.name,
  address: socket.conn.remoteAddress,
  code: error.code,
  why: error.message,
});

function tellRefused(socket: Socket, error: HubErrorBody, closing: boolean): void {
  if (socket.connected) socket.emit("refused", { error, closing } satisfies Refused);
}

const TOO_FAST = `This socket sends more than ${packetRate.perSecond} packets a second; wait for answers, or send frames as the SDK does.`;
const tooFastError = () => withoutStack(() => new HubError("BUSY", TOO_FAST));
