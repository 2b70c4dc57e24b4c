import { type Namespace, type Socket, Server as SocketServer } from "socket.io";

/** The server's own constructor asks for a namespace before any field of ours is there. */
const patched = new WeakSet<Namespace>();

/** A client that does not acknowledge in time is sent away with a packet that official clients never come back from. */
export class Server extends SocketServer {
  override of(...args: Parameters<SocketServer["of"]>): Namespace {
    const namespace = super.of(...args);
    if (!patched.has(namespace)) {
      patched.add(namespace);
      namespace.use((socket, next) => {
        patch(socket);
        next();
      });
    }
    return namespace;
  }
}

function patch(socket: Socket): void {
  const emit = socket.emit.bind(socket);
  socket.emit = (name, ...args) => {
    const answer: unknown = args.at(-1);
    if (typeof answer !== "function") return emit(name, ...args);
    return emit(name, ...args.slice(0, -1), (error: unknown, ...rest: unknown[]) => {
      if (error instanceof Error && socket.connected) socket.disconnect(true);
      answer(error, ...rest);
    });
  };
}
