import { expect, test } from "vitest";
import { sendWhole, writeAtOnce } from "../src/one-write.ts";
import { openBarePair } from "./bare-pair.ts";

const MESSAGES = 50;

/** A connected pair, and how often the client wrote to its socket since. */
async function counted(isAtOnce: boolean) {
  const { client, socket } = await openBarePair(["websocket"]);
  if (isAtOnce) {
    sendWhole(client.io);
    writeAtOnce(client.io.engine);
  }
  const { _socket: below } = Reflect.get(client.io.engine.transport, "ws");
  let writes = 0;
  for (const name of ["_write", "_writev"]) {
    const write = below[name];
    below[name] = (...args: unknown[]) => {
      writes += 1;
      return write.apply(below, args);
    };
  }
  return { client, socket, writes: () => writes };
}

/** Which messages of one turn came, and how many writes they were. */
async function writesOf(isAtOnce: boolean): Promise<{ received: number[]; writes: number }> {
  const { client, socket, writes } = await counted(isAtOnce);
  const received: number[] = [];
  const all = new Promise<void>((resolve) => {
    socket.on("settle", (index: number) => {
      received.push(index);
      if (received.length === MESSAGES) resolve();
    });
  });
  for (let index = 0; index < MESSAGES; index++) client.emit("settle", index);
  await all;
  return { received, writes: writes() };
}

test("what is said in one turn leaves in two writes, whole and in order", async () => {
  const { received, writes } = await writesOf(true);
  expect(received).toEqual(Array.from({ length: MESSAGES }, (_, index) => index));
  expect(writes).toBeLessThanOrEqual(4);
  expect((await writesOf(false)).writes).toBeGreaterThanOrEqual(MESSAGES);
});

/** How often the client wrote for one message with bytes: until `emit` returned, and until the answer was there. */
async function writesOfBytes(isAtOnce: boolean) {
  const { client, socket, writes } = await counted(isAtOnce);
  socket.on("publish", (frame: Buffer, answer: (bytes: number[]) => void) => answer([...frame]));
  const answered = new Promise((resolve) => client.emit("publish", new Uint8Array([1, 2, 3]), resolve));
  const atOnce = writes();
  return { bytes: await answered, atOnce, inAll: writes() };
}

test("a message with bytes is one write, before `emit` returns", async () => {
  expect(await writesOfBytes(true)).toEqual({ bytes: [1, 2, 3], atOnce: 1, inAll: 1 });
  expect(await writesOfBytes(false)).toEqual({ bytes: [1, 2, 3], atOnce: 1, inAll: 2 });
});

test("behind others of its turn it is whole and in order as well", async () => {
  const { client, socket } = await counted(true);
  const heard: unknown[] = [];
  socket.onAny((name: string, what: unknown) => heard.push([name, what instanceof Uint8Array ? [...what] : what]));
  client.emit("settle", 1);
  client.emit("publish", new Uint8Array([1]), new Uint8Array([2]));
  client.emit("settle", 2);
  await new Promise((resolve) => {
    socket.once("end", resolve);
    client.emit("end", 0);
  });
  expect(heard).toEqual([
    ["settle", 1],
    ["publish", [1]],
    ["settle", 2],
    ["end", 0],
  ]);
});
