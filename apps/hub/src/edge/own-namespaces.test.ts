import { createServer } from "node:http";
import { Server, type Socket } from "socket.io";
import { io as connect } from "socket.io-client";
import { expect, onTestFinished, test } from "vitest";
import { serveOwnNamespaces } from "./own-namespaces.ts";

/** A bare server whose tenants' namespaces open for the right word. */
async function openServer(guard: (socket: Socket) => Promise<void> = async () => {}) {
  const http = createServer();
  const io = new Server(http, { cleanupEmptyChildNamespaces: true, connectTimeout: 500 });
  onTestFinished(async () => void (await io.close()));
  const faults: string[] = [];
  serveOwnNamespaces(io, {
    mayOpen: async (_name, auth) => {
      const { word } = auth as { word: string };
      if (word === "fault") throw new Error("the keys are away");
      return word === "good";
    },
    guard: (namespace) => void namespace.use((socket, next) => void guard(socket).then(() => next())),
    onSocket: (role, socket) => void socket.emit("role", role),
    fault: (message) => void faults.push(message),
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  const port = typeof address === "object" ? address?.port : 0;
  const open = (name: string, word: string) => {
    const client = connect(`http://127.0.0.1:${port}${name}`, {
      auth: { word },
      forceNew: true,
      reconnection: false,
      transports: ["websocket"],
    });
    onTestFinished(() => void client.disconnect());
    return client;
  };
  const names = () => [...io._nsps.keys()].filter((name) => name.endsWith("/driver"));
  return { io, faults, open, names };
}

test("it exists while somebody is in it, and for nobody who may not enter", async () => {
  const { open, names } = await openServer();
  const refused = open("/acme/driver", "bad");
  expect(await new Promise((resolve) => refused.once("connect_error", ({ message }) => resolve(message)))).toBe("Invalid namespace");
  expect(names()).toEqual([]);
  const [first, second] = [open("/acme/driver", "good"), open("/acme/driver", "good")];
  for (const client of [first, second]) expect(await new Promise((resolve) => client.once("role", resolve))).toBe("driver");
  expect(names()).toEqual(["/acme/driver"]);
  first.disconnect();
  second.disconnect();
  await expect.poll(names).toEqual([]);
});

test("where the hub cannot tell, the connection closes so that its client comes back", async () => {
  const { open, faults, names } = await openServer();
  const client = open("/acme/driver", "fault");
  const errors: unknown[] = [];
  client.on("connect_error", (error) => errors.push(error));
  const closed = new Promise((resolve) => client.io.once("close", resolve));
  await closed;
  expect(faults).toHaveLength(1);
  expect([errors, names()]).toEqual([[], []]);
});

test("a namespace that was gone while a token was looked at takes nobody in", async () => {
  const held = Promise.withResolvers<void>();
  let arrived = () => {};
  const { open, names } = await openServer((socket) => {
    if (socket.handshake.auth.slow) arrived();
    return socket.handshake.auth.slow ? held.promise : Promise.resolve();
  });
  const first = open("/acme/driver", "good");
  await new Promise((resolve) => first.once("role", resolve));
  const slow = open("/acme/driver", "good");
  slow.auth = { word: "good", slow: true };
  await new Promise<void>((resolve) => {
    arrived = resolve;
  });
  first.disconnect();
  await expect.poll(names).toEqual([]);
  const closed = new Promise((resolve) => slow.io.once("close", resolve));
  held.resolve();
  await closed;
  expect(names()).toEqual([]);
});
