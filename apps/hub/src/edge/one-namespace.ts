import { HubError } from "@waybill/events";
import type { Socket } from "socket.io";
import { connectedNamespace } from "./guarded-parser.ts";
import { refusal } from "./refusal.ts";
import { closeBecause } from "./socket-edge.ts";

type Connection = Socket["conn"];
type Next = (error?: Error) => void;

export type OneNamespace = {
  /** Must be each namespace's first middleware: it runs before anything is awaited. */
  enter(socket: Socket, next: Next): void;
  /** The socket was refused: its namespace may be asked for again. */
  leave(socket: Socket): void;
  watch(connection: Connection): void;
};

/**
 * One CONNECT per namespace on one connection. Socket.IO notices a second one only once the first is through, and then
 * closes without a word: until then a peer can open thousands of sockets. States of a namespace on a connection:
 *
 *   free      – nobody asked.                                           → asked, by a CONNECT
 *   asked     – its token is looked at; a CONNECT is an error.          → connected, or → free (refused)
 *   connected – a CONNECT is told why, and the connection closes.       → free (the socket left)
 */
export function createOneNamespace(): OneNamespace {
  const socketsOf = new WeakMap<Connection, Map<string, Socket>>();
  return {
    enter(socket, next) {
      const sockets = socketsOf.get(socket.conn) ?? new Map<string, Socket>();
      socketsOf.set(socket.conn, sockets);
      const { name } = socket.nsp;
      if (sockets.has(name)) return next(refusal(askedAlready(name)));
      sockets.set(name, socket);
      socket.once("disconnect", () => sockets.delete(name));
      next();
    },
    leave: (socket) => void socketsOf.get(socket.conn)?.delete(socket.nsp.name),
    watch(connection) {
      connection.prependListener("data", (packet: unknown) => {
        const name = typeof packet === "string" ? connectedNamespace(packet) : null;
        const socket = name === null ? undefined : socketsOf.get(connection)?.get(name);
        if (socket?.connected) closeBecause(socket, askedAlready(socket.nsp.name));
      });
    },
  };
}

const askedAlready = (name: string) => new HubError("BUSY", `This connection has asked for ${name} already; one CONNECT is enough.`);
