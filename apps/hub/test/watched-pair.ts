import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { io } from "socket.io-client";
import { onTestFinished } from "vitest";
import { watchSending } from "../src/edge/watch-sending.ts";

/** Both ends of a connection to a bare Socket.IO server whose connections are written to as the hub's are; they end with the test. */
export async function openWatchedPair(transport: "websocket" | "polling", namespace = "/") {
  const http = createServer();
  const server = new Server(http, { transports: [transport], maxHttpBufferSize: 1e8 });
  onTestFinished(() => server.close());
  server.engine.on("connection", (connection) => watchSending(connection, () => {}));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const connected = once(server.of(namespace), "connection") as Promise<[Socket]>;
  const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}${namespace}`, { transports: [transport], forceNew: true });
  onTestFinished(() => void client.close());
  const [socket] = await connected;
  await once(client as never, "connect");
  return { socket, client };
}
