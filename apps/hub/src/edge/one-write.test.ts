import { once } from "node:events";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { expect, onTestFinished, test } from "vitest";
import { watchSending } from "./watch-sending.ts";

/** Messages that are emitted in one turn, and how many writes reached the socket below. */
async function writesOf(messages: number, watch: boolean): Promise<{ received: number[]; writes: number }> {
  const http = createServer();
  const server = new Server(http, { transports: ["websocket"] });
  let writes = 0;
  if (watch) server.engine.on("connection", (connection) => watchSending(connection, () => {}));
  http.on("connection", (socket) => {
    const { _write, _writev } = socket;
    socket._write = (...args) => {
      writes += 1;
      _write.apply(socket, args);
    };
    socket._writev = (...args) => {
      writes += 1;
      _writev?.apply(socket, args);
    };
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => server.close());
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const connected = once(server, "connection");
  const client = io(`http://127.0.0.1:${address.port}`, { transports: ["websocket"], forceNew: true });
  onTestFinished(() => void client.close());
  const [socket] = await connected;
  await new Promise<void>((resolve) => client.on("connect", resolve));
  const received: number[] = [];
  const all = new Promise<void>((resolve) => {
    client.on("deliver", (frame: Uint8Array) => {
      received.push(frame[0] ?? -1);
      if (received.length === messages) resolve();
    });
  });
  writes = 0;
  for (let index = 0; index < messages; index++) socket.emit("deliver", new Uint8Array([index]));
  await all;
  return { received, writes };
}

test.each([1, 50])(
  "what is sent in one turn leaves in one write instead of two for each message, whole and in order: %i",
  async (messages) => {
    const { received, writes } = await writesOf(messages, true);
    expect(received).toEqual(Array.from({ length: messages }, (_, index) => index));
    expect(writes).toBe(1);
    expect((await writesOf(messages, false)).writes).toBe(2 * messages);
  },
);
