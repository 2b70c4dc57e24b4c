import { HubError, type HubErrorBody, type Refused } from "@waybill/events";
import type { Socket } from "socket.io";
import { createTokenBucket } from "./token-bucket.ts";

/** Packets that a socket may send at once, and per second. An SDK sends tens; a plain client in a loop some thousands. → BUSY */
const PACKETS_BURST_MAX = 20_000;
const PACKETS_PER_SECOND = 5_000;
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

/** What the edge keeps of one socket: how fast it talks, and how often it was wrong. */
export type SocketEdge = {
  readonly report: EdgeReport;
  /** `null`: the packet may pass. Closes the connection of a socket that ignores BUSY. */
  tooFast(): HubError | null;
  /** The hub leaves. */
  isDraining(): boolean;
  /** Tells the peer and counts; the connection closes after 20 of these. */
  mistake(error: HubError): void;
};

const edges = new WeakMap<Socket, SocketEdge>();

/** Made at the handshake, once per socket. */
export function openSocketEdge(
  socket: Socket,
  parts: { report: EdgeReport; isDraining: () => boolean; monotonicMs?: () => number },
): SocketEdge {
  const { report, isDraining, monotonicMs = () => performance.now() } = parts;
  const bucket = createTokenBucket({ capacity: PACKETS_BURST_MAX, perSecond: PACKETS_PER_SECOND, nowMs: monotonicMs() });
  let busyAnswers = 0;
  let mistakes = 0;
  const edge: SocketEdge = {
    report,
    isDraining,
    tooFast() {
      if (bucket.take(monotonicMs())) return null;
      busyAnswers += 1;
      if (busyAnswers > BUSY_ANSWERS_MAX) closeBecause(socket, tooFastError());
      return tooFastError();
    },
    mistake(error) {
      mistakes += 1;
      report.requestRefused(error.code, 1);
      if (mistakes >= MISTAKES_MAX) return closeBecause(socket, error);
      report.warn("refused", detailOf(socket, error));
      tellRefused(socket, error.toBody(), false);
    },
  };
  edges.set(socket, edge);
  // A client may emit an event of this name as well; only Socket.IO's own carries an Error.
  socket.on("error", (error: unknown) => {
    if (error instanceof Error) closeBecause(socket, new HubError("INVALID_MESSAGE", error.message, { cause: error }));
  });
  return edge;
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

const tooFastError = () =>
  new HubError(
    "BUSY",
    `This socket sends more than ${PACKETS_PER_SECOND} packets a second; wait for answers, or send frames as the SDK does.`,
  );
