import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTcpFaultProxy, type TcpFaultProxy } from "../src/tcp-fault-proxy.ts";

let proxy: TcpFaultProxy;
let received: string[];
let serverSockets: Socket[];
const echo = createServer((socket) => {
  serverSockets.push(socket);
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    received.push(chunk.toString());
    socket.write(chunk);
  });
});
const open: Socket[] = [];

beforeEach(async () => {
  received = [];
  serverSockets = [];
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  const address = echo.address();
  if (!address || typeof address === "string") throw new Error("no port");
  proxy = await createTcpFaultProxy({ target: { port: address.port } });
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await proxy.close();
  for (const socket of serverSockets) socket.destroy();
  echo.close();
  await once(echo, "close");
});

async function client(): Promise<Socket> {
  const socket = connect({ port: proxy.port, host: "127.0.0.1", noDelay: true });
  open.push(socket);
  await once(socket, "connect");
  return socket;
}

async function say(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  let answer = "";
  while (answer.length < text.length) answer += String((await once(socket, "data"))[0]);
  return answer;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1);
}

test("bytes pass in both directions", async () => {
  expect(await say(await client(), "hello")).toBe("hello");
  expect(proxy.connections).toBe(1);
});

test("a delay is no bottleneck: many chunks are on their way at once", async () => {
  const socket = await client();
  expect(await say(socket, "warm")).toBe("warm");
  proxy.set({ kind: "delay", ms: 60_000 });
  for (const chunk of ["one", "two", "three"]) {
    socket.write(chunk);
    await sleep(1);
  }
  await until(() => proxy.onWayBytes === "onetwothree".length);
  expect(received).toEqual(["warm"]);
});

test("delay and drip keep every byte in its order", async () => {
  const socket = await client();
  proxy.set({ kind: "delay", ms: 5, jitterMs: 5 });
  expect(await say(socket, "0123456789")).toBe("0123456789");
  proxy.set({ kind: "drip", bytesPerS: 1_000, sliceBytes: 1 });
  expect(await say(socket, "abcdefghij")).toBe("abcdefghij");
  expect(received.slice(1)).toEqual([..."abcdefghij"]);
});

test("half open: one direction vanishes, the other passes; healed, both do", async () => {
  const socket = await client();
  await say(socket, "before");
  proxy.set({ kind: "half-open", lost: "down" });
  socket.write("up");
  await until(() => proxy.lostBytes === 2);
  expect(received).toEqual(["before", "up"]);
  proxy.set({ kind: "half-open", lost: "up" });
  socket.write("lost");
  serverSockets[0]?.write("down");
  expect(String((await once(socket, "data"))[0])).toBe("down");
  await until(() => proxy.lostBytes === 6);
  proxy.set({ kind: "pass" });
  expect(await say(socket, "after")).toBe("after");
  expect(received).toEqual(["before", "up", "after"]);
});

test("a black hole takes everything and keeps the connection", async () => {
  const socket = await client();
  await say(socket, "before");
  proxy.set({ kind: "blackhole" });
  socket.write("gone");
  await until(() => proxy.lostBytes === 4);
  proxy.cut();
  await once(socket, "end");
  expect(received).toEqual(["before"]);
});

test("cut ends in order, reset with an error, refuse at once", async () => {
  const cut = await client();
  await say(cut, "x");
  const ended = once(cut, "end");
  proxy.cut();
  await ended;
  const reset = await client();
  await say(reset, "x");
  const failed = once(reset, "error");
  proxy.reset();
  expect((await failed)[0]).toMatchObject({ code: "ECONNRESET" });
  proxy.set({ kind: "refuse" });
  const refused = connect({ port: proxy.port, host: "127.0.0.1" });
  open.push(refused);
  expect((await once(refused, "error"))[0]).toMatchObject({ code: "ECONNRESET" });
});
