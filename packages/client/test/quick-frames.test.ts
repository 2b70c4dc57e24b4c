import { expect, test } from "vitest";
import { hearFrames } from "../src/quick-frames.ts";
import { openBarePair } from "./bare-pair.ts";

const namespace = "/acme/vendor";

/** A pair whose client hears `delivers` the short way, and all else, or that the long way, as Socket.IO does. */
async function openPair() {
  const { client, socket } = await openBarePair(["websocket"], namespace);
  const heard: unknown[] = [];
  const end = new Promise<void>((resolve) => void client.on("end", resolve));
  client.onAny((name: string, what: unknown) => name !== "end" && heard.push([name, what instanceof Uint8Array ? [...what] : what]));
  hearFrames(client, { namespace, names: ["deliver", "delivers"], hear: (...said) => void heard.push(["quickly", ...said]) });
  const transport = client.io.engine.transport as unknown as { onData(data: unknown): void };
  const said = (...messages: unknown[]): void => {
    for (const message of messages) transport.onData(message);
  };
  return { client, socket, heard, end, said };
}

const text = '451-/acme/vendor,["delivers",{"_placeholder":true,"num":0}]';
const bytes = (...values: number[]) => Buffer.from(values);

test("a frame goes straight to who handles it, before its message is over", async () => {
  const { heard, said } = await openPair();
  said(text, bytes(1), text, bytes(2));
  expect(heard).toEqual([
    ["quickly", "delivers", bytes(1)],
    ["quickly", "delivers", bytes(2)],
  ]);
});

test("what a server sends arrives once and in order, and no frame overtakes what came before it", async () => {
  const { socket, heard, end } = await openPair();
  socket.emit("deliver", bytes(1));
  socket.emit("lost", 2);
  socket.emit("delivers", bytes(3));
  socket.emit("other", bytes(4));
  socket.emit("delivers", bytes(5), "more");
  socket.emit("delivers", 6);
  socket.emit("end");
  await end;
  expect(heard.map((one) => (one as unknown[]).filter((word) => word !== "quickly"))).toEqual([
    ["deliver", bytes(1)],
    ["lost", 2],
    ["delivers", expect.anything()],
    ["other", [4]],
    ["delivers", [5]],
    ["delivers", 6],
  ]);
});

test("behind what waits for its turn a frame waits as well", async () => {
  const { heard, said } = await openPair();
  said('42/acme/vendor,["lost",1]', text, bytes(2));
  expect(heard).toEqual([]);
  await new Promise(setImmediate);
  expect(heard).toEqual([
    ["lost", 1],
    ["delivers", [2]],
  ]);
  said(text, bytes(3));
  expect(heard.at(-1)).toEqual(["quickly", "delivers", bytes(3)]);
});

test("bytes that do not come are Socket.IO's to refuse", async () => {
  const { client, heard, said } = await openPair();
  const closed = new Promise((resolve) => client.once("disconnect", resolve));
  said(text, '42/acme/vendor,["lost",1]');
  expect([await closed, heard]).toEqual(["parse error", []]);
});

test("a socket that left hears nothing more", async () => {
  const { client, heard, said } = await openPair();
  client.disconnect();
  said(text, bytes(1));
  await new Promise(setImmediate);
  expect(heard).toEqual([]);
});
