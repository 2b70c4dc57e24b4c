import { type Namespace, type Socket, Server as SocketServer } from "socket.io";

/** A client that does not acknowledge in time is sent away with a packet that official clients never come back from. */
export class Server extends SocketServer {
  readonly #patched = new Set<string>();

  override of(...args: Parameters<SocketServer["of"]>): Namespace {
    const namespace = super.of(...args);
    if (!this.#patched.has(namespace.name)) {
      this.#patched.add(namespace.name);
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
