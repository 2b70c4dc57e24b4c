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
  /** Nearly always one of each connection. */
  const socketsOf = new WeakMap<Connection, readonly Socket[]>();
  const asked = (connection: Connection, name: string) => socketsOf.get(connection)?.find(({ nsp }) => nsp.name === name);
  const leave = (socket: Socket) => {
    const sockets = socketsOf.get(socket.conn);
    if (sockets)
      socketsOf.set(
        socket.conn,
        sockets.filter((other) => other !== socket),
      );
  };

  // `this`: who tells. One listener for all of them.
  function onDisconnect(this: Socket): void {
    leave(this);
  }
  function onData(this: Connection, packet: unknown): void {
    const name = typeof packet === "string" ? connectedNamespace(packet) : null;
    const socket = name === null ? undefined : asked(this, name);
    if (socket?.connected) closeBecause(socket, askedAlready(socket.nsp.name));
  }

  return {
    enter(socket, next) {
      const { name } = socket.nsp;
      if (asked(socket.conn, name)) return next(refusal(askedAlready(name)));
      socketsOf.set(socket.conn, [...(socketsOf.get(socket.conn) ?? []), socket]);
      socket.on("disconnect", onDisconnect);
      next();
    },
    leave,
    watch: (connection) => void connection.prependListener("data", onData),
  };
}

const askedAlready = (name: string) => new HubError("BUSY", `This connection has asked for ${name} already; one CONNECT is enough.`);
