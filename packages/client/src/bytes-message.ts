import type { Socket } from "socket.io-client";
import { writeWhole } from "./one-write.ts";

/** As Socket.IO writes `[name, bytes]`, of which the bytes follow in a packet of their own; `id`: an answer is asked for under it. */
export const announcement = (namespace: string, name: string, id: number | "" = ""): string =>
  `51-${namespace},${id}["${name}",{"_placeholder":true,"num":0}]`;

/**
 * As `socket.timeout(withinMs).emit(name, bytes, answered)`. Socket.IO looks for the bytes in what it is given, puts a mark in their place, and
 * writes that as JSON: of what a frame costs its publisher until it has left, a third. `namespace`: the socket's, as `/driver`.
 */
export function emitBytes(socket: Socket, name: string, bytes: Uint8Array, { namespace, withinMs, answered }: Asking): void {
  const asking = socket.timeout(withinMs) as unknown as Partial<Registering>;
  if (!socket.connected || asking.ids === undefined || !asking._registerAckCallback) {
    socket.emit(name, bytes, answered);
    return;
  }
  const id = asking.ids++;
  asking._registerAckCallback(id, answered);
  asking.flags = {};
  writeWhole(socket.io.engine, announcement(namespace, name, id), bytes);
}

type Asking = { namespace: string; withinMs: number; answered: (error: Error | null, answer: unknown) => void };

/** Socket.IO's own, and not told by its types: the id of the next question, and who hears its answer, that it is late, or that the connection is gone. */
type Registering = { ids: number; flags: object; _registerAckCallback(id: number, answered: Asking["answered"]): void };
