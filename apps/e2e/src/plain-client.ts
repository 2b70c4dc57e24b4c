import { io, type Socket } from "socket.io-client";

export type Received = {
  type: string;
  event: Record<string, unknown> & { parcel: string; offset: number };
  ack: (answer?: unknown) => void;
};

/** How long a test may hang on one answer. */
export const ANSWER_MS = 60_000;

/** A bare Socket.IO client: no SDK, no schema, as a course project has it. */
export type PlainClient = {
  socket: Socket;
  request(name: string, body: unknown): Promise<Record<string, unknown>>;
  /** The next deliveries, in the order of their arrival; waits for them. */
  take(count: number): Promise<Received[]>;
  close(): void;
};

export async function connectPlain(
  url: string,
  namespace: string,
  token: string,
  options: { transports?: readonly string[]; protocol?: number } = {},
): Promise<PlainClient> {
  const transports = options.transports ? { transports: [...options.transports] } : {};
  const socket = io(`${url}${namespace}`, {
    auth: { token, protocol: options.protocol },
    forceNew: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 100,
    ...transports,
  });
  const received: Received[] = [];
  let wake: () => void = () => {};
  socket.onAny((type: string, event: Received["event"], ack: Received["ack"]) => {
    if (typeof ack !== "function") return;
    received.push({ type, event, ack });
    wake();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("welcome", () => resolve());
    socket.once("connect_error", (error) => reject(error));
  });
  return {
    socket,
    request: (name, body) => socket.timeout(ANSWER_MS).emitWithAck(name, body),
    async take(count) {
      while (received.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return received.splice(0, count);
    },
    close: () => socket.disconnect(),
  };
}
