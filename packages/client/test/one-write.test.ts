import { once } from "node:events";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { expect, onTestFinished, test } from "vitest";
import { writeAtOnce } from "../src/one-write.ts";

const MESSAGES = 50;

/** Which messages of one turn came, and how many writes they were. */
async function writesOf(isAtOnce: boolean): Promise<{ received: number[]; writes: number }> {
  const http = createServer();
  const server = new Server(http, { transports: ["websocket"] });
  onTestFinished(() => server.close());
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const connected = once(server, "connection");
  const client = io(`http://127.0.0.1:${address.port}`, { transports: ["websocket"], forceNew: true });
  onTestFinished(() => void client.close());
  const [socket] = await connected;
  await new Promise<void>((resolve) => client.on("connect", resolve));
  if (isAtOnce) writeAtOnce(client.io.engine);
  const { _socket: below } = Reflect.get(client.io.engine.transport, "ws");
  let writes = 0;
  for (const name of ["_write", "_writev"]) {
    const write = below[name];
    below[name] = (...args: unknown[]) => {
      writes += 1;
      return write.apply(below, args);
    };
  }
  const received: number[] = [];
  const all = new Promise<void>((resolve) => {
    socket.on("settle", (index: number) => {
      received.push(index);
      if (received.length === MESSAGES) resolve();
    });
  });
  for (let index = 0; index < MESSAGES; index++) client.emit("settle", index);
  await all;
  return { received, writes };
}

test("what is said in one turn leaves in two writes, whole and in order", async () => {
  const { received, writes } = await writesOf(true);
  expect(received).toEqual(Array.from({ length: MESSAGES }, (_, index) => index));
  expect(writes).toBeLessThanOrEqual(4);
  expect((await writesOf(false)).writes).toBeGreaterThanOrEqual(MESSAGES);
});
