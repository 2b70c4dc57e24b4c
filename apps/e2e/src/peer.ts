import { io, type Socket } from "socket.io-client";
import { ANSWER_MS } from "./plain-client.ts";

/** A bare Socket.IO client that keeps all it hears, so that a test can say what another socket got, and what it did not. */
export type Peer = {
  readonly socket: Socket;
  /** Bodies of all events of this name so far. */
  heard(name: string): unknown[];
  /** The next event of this name that no call has returned yet; waits for it. */
  next(name: string): Promise<Record<string, unknown>>;
  request(name: string, body: unknown): Promise<Record<string, unknown>>;
  /** Resolves when all that the hub sent to this socket before has arrived: what was not heard by then was not sent. */
  fence(): Promise<void>;
  close(): void;
};

export type PeerOptions = { transports?: readonly string[]; auth?: Record<string, unknown> };

/** Connects, and waits for the hub's `welcome`. Every event that asks for an acknowledgement gets one. */
export async function openPeer(url: string, namespace: string, token: string, options: PeerOptions = {}): Promise<Peer> {
  const { transports, auth = {} } = options;
  const socket = io(`${url}${namespace}`, {
    auth: { token, ...auth },
    forceNew: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 100,
    ...(transports ? { transports: [...transports] } : {}),
  });
  // Before the connection is there, so that nothing passes unheard.
  const heard: { name: string; body: Record<string, unknown> }[] = [];
  const returned = new Map<string, number>();
  let wake = () => {};
  let changed = new Promise<void>((resolve) => {
    wake = resolve;
  });
  socket.onAny((name: string, body: Record<string, unknown>, ack?: () => void) => {
    heard.push({ name, body });
    ack?.();
    wake();
    changed = new Promise((resolve) => {
      wake = resolve;
    });
  });
  const bodies = (name: string) => heard.filter((one) => one.name === name).map(({ body }) => body);

  const peer: Peer = {
    socket,
    heard: bodies,
    async next(name) {
      const index = returned.get(name) ?? 0;
      returned.set(name, index + 1);
      for (;;) {
        const body = bodies(name)[index];
        if (body) return body;
        await changed;
      }
    },
    request: (name, body) => socket.timeout(ANSWER_MS).emitWithAck(name, body),
    async fence() {
      // An answer comes behind all that was sent before it.
      await (namespace.endsWith("/admin") ? peer.request("names:list", { kind: "zone" }) : peer.request("sync", {}));
    },
    close: () => socket.disconnect(),
  };
  const refused = new Promise<never>((_, reject) => socket.once("connect_error", reject));
  await Promise.race([peer.next("welcome"), refused]);
  return peer;
}
