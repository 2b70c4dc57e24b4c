import { HubError } from "@waybill/events";
import type { Socket } from "socket.io";
import { refusal } from "./refusal.ts";

type Next = (error?: Error) => void;

/**
 * One CONNECT per namespace on one connection. Socket.IO itself notices a second one only once the first is through:
 * until then a peer can open thousands of sockets. `enter` must be the namespace's first middleware: it runs before
 * anything is awaited. The names a connection has asked for are let go when their socket ends, or never became one.
 */
export function createOneNamespace(): { enter(socket: Socket, next: Next): void; leave(socket: Socket): void } {
  const askedOf = new WeakMap<Socket["conn"], Set<string>>();
  return {
    enter(socket, next) {
      const asked = askedOf.get(socket.conn) ?? new Set();
      askedOf.set(socket.conn, asked);
      if (asked.has(socket.nsp.name)) {
        return next(refusal(new HubError("BUSY", `This connection has asked for ${socket.nsp.name} already; one CONNECT is enough.`)));
      }
      asked.add(socket.nsp.name);
      socket.once("disconnect", () => asked.delete(socket.nsp.name));
      next();
    },
    leave: (socket) => void askedOf.get(socket.conn)?.delete(socket.nsp.name),
  };
}
