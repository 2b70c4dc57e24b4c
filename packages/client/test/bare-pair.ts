import { once } from "node:events";
import { createServer } from "node:http";
import { Server, type Socket as ServerSocket } from "socket.io";
import { io, type Socket } from "socket.io-client";
import { onTestFinished } from "vitest";

type Transports = Exclude<NonNullable<Parameters<typeof io>[1]>["transports"], undefined>;

/** A bare Socket.IO server and a client of it, connected; both end with the test. */
export async function openBarePair(transports: Transports, namespace = "/"): Promise<{ client: Socket; socket: ServerSocket }> {
  const http = createServer();
  const server = new Server(http, { transports: ["websocket"] });
  onTestFinished(() => server.close());
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const connected = once(server.of(namespace), "connection");
  const client = io(`http://127.0.0.1:${address.port}${namespace}`, { transports, forceNew: true });
  onTestFinished(() => void client.close());
  const [socket] = await connected;
  await new Promise<void>((resolve) => (client.connected ? resolve() : client.once("connect", resolve)));
  return { client, socket };
}
