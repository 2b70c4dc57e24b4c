import { once } from "node:events";

/** A peer without any client library: it sends what it is told, over one websocket, and keeps what it got. */
export type RawPeer = {
  /** Socket.IO packets, without Engine.IO's leading type; `"binary"` for each binary message. */
  readonly packets: readonly string[];
  /** A Socket.IO packet as text, as it stands on the wire. */
  send(packet: string): void;
  sendBytes(bytes: Uint8Array): void;
  /** An Engine.IO message as it stands on the wire. */
  sendRaw(message: string): void;
  /** The first packet so far, or the next, that starts so. Rejects when the connection closes before. */
  packet(prefix: string): Promise<string>;
  readonly isOpen: boolean;
  /** Resolves with the websocket's close code. */
  readonly closed: Promise<number>;
  close(): void;
};

export async function openRawPeer(url: string, options: { origin?: string } = {}): Promise<RawPeer> {
  const target = `${url.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`;
  // undici's second argument takes headers; the browser's takes protocols.
  const socket = options.origin === undefined ? new WebSocket(target) : new WebSocket(target, { headers: { origin: options.origin } });
  socket.binaryType = "arraybuffer";
  const packets: string[] = [];
  const waiting = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of waiting) wake();
  };
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener("close", ({ code }) => {
      resolve(code);
      wakeAll();
    });
  });
  socket.addEventListener("message", ({ data }) => {
    if (typeof data !== "string") packets.push("binary");
    else if (data === "2") socket.send("3");
    else if (data.startsWith("4")) packets.push(data.slice(1));
    wakeAll();
  });
  const opened = once(socket, "open");
  await Promise.race([
    opened,
    once(socket, "error").then(([event]) => Promise.reject(new Error(`refused: ${String(event.message ?? event.type)}`))),
  ]);

  return {
    packets,
    send: (packet) => socket.send(`4${packet}`),
    sendBytes: (bytes) => socket.send(bytes),
    sendRaw: (message) => socket.send(message),
    async packet(prefix) {
      for (;;) {
        const found = packets.find((packet) => packet.startsWith(prefix));
        if (found !== undefined) return found;
        if (socket.readyState !== WebSocket.OPEN) throw new Error(`closed before a packet ${prefix}; got ${JSON.stringify(packets)}`);
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
    },
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
    closed,
    close: () => socket.close(),
  };
}

/** What a peer is told that connects to `namespace` with `auth`: `{ sid }`, or `{ message, data }`. */
export async function connectTo(peer: RawPeer, namespace: string, auth: unknown): Promise<Record<string, unknown>> {
  peer.send(`0${namespace},${JSON.stringify(auth)}`);
  const answered = await Promise.race([peer.packet(`0${namespace},`), peer.packet(`4${namespace},`)]);
  return JSON.parse(answered.slice(namespace.length + 2));
}

/** Until the peer got a packet that starts so, or was closed instead. */
export const answeredOrClosed = (peer: RawPeer, prefix: string): Promise<unknown> => peer.packet(prefix).catch(() => peer.closed);

/** Emits with an acknowledgement; resolves with its first argument. */
export async function ask(peer: RawPeer, namespace: string, id: number, ...args: unknown[]): Promise<Record<string, unknown>> {
  peer.send(`2${namespace},${id}${JSON.stringify(args)}`);
  const head = `3${namespace},${id}`;
  return JSON.parse((await peer.packet(`${head}[`)).slice(head.length))[0];
}

/** `{"a":{"a":…}}`, so many levels. */
export const nested = (levels: number): string => `${'{"a":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;
