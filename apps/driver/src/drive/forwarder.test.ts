import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { createForwarder } from "./forwarder.ts";

/** A hub that says back what it hears. */
async function echoServer() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => undefined));
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address !== "string" ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function dial(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  await once(socket, "connect");
  return socket;
}
const ask = async (socket: Socket, text: string): Promise<string> => {
  socket.write(text);
  const [answer] = await once(socket, "data");
  return String(answer);
};
/** How a connection ends, whether it does so at once or later. */
const endOf = async (socket: Socket): Promise<string> => {
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
  socket.once("close", () => resolve("closed"));
  return promise;
};

const closeOf = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once("close", () => resolve()));

test("bytes pass in both directions", async () => {
  await using hub = await echoServer();
  await using network = await createForwarder(hub.url);
  const phone = await dial(network.url);
  expect(await ask(phone, "hello")).toBe("hello");
  phone.destroy();
});

test("a cut resets what is open, on both sides, and new connections too, until it is restored", async () => {
  await using hub = await echoServer();
  await using network = await createForwarder(hub.url);
  const phone = await dial(network.url);
  await ask(phone, "hello");
  const hubSide = closeOf(hub.sockets[0]!);
  const ended = endOf(phone);
  network.cut();
  expect(await ended).toBe("ECONNRESET");
  await hubSide;

  expect(await endOf(connect(Number(new URL(network.url).port), "127.0.0.1"))).toMatch(/ECONNRESET|closed/);
  network.restore();
  const again = await dial(network.url);
  expect(await ask(again, "back")).toBe("back");
  again.destroy();
});

test("when the hub is away the phone's connection ends", async () => {
  const hub = await echoServer();
  await using network = await createForwarder(hub.url);
  await hub[Symbol.asyncDispose]();
  expect(await endOf(connect(Number(new URL(network.url).port), "127.0.0.1"))).toMatch(/ECONNRESET|closed/);
});

test("https is refused, for its certificate would not fit", async () => {
  await expect(createForwarder("https://hub.example")).rejects.toThrow("Only http");
});
