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

test("an answer goes straight to who asked, before its message is over, once", async () => {
  const { client, heard, said } = await openPair();
  const hear = (...answer: unknown[]) => void heard.push(answer);
  client.emit("first", hear);
  client.timeout(10_000).emit("second", hear);
  said('43/acme/vendor,1[{"outcome":"stored","offsets":[3,4]}]', "43/acme/vendor,0[]", "43/acme/vendor,1[7]", "43/acme/vendor,99[8]");
  expect(heard).toEqual([[null, { outcome: "stored", offsets: [3, 4] }], []]);
});

test("what a server answers arrives once and in its place among what it says, with bytes or without", async () => {
  const { client, socket, heard, end } = await openPair();
  const ask = (name: string) =>
    client.emit(name, (answer: unknown) => void heard.push([name, answer instanceof Uint8Array ? [...answer] : answer]));
  socket.on("one", (answer: (body: unknown) => void) => {
    socket.emit("lost", 1);
    answer(2);
    socket.emit("deliver", bytes(3));
  });
  socket.on("two", (answer: (body: unknown) => void) => {
    answer(bytes(4));
    socket.emit("lost", 5);
  });
  socket.on("three", (answer: (body: unknown) => void) => {
    answer("ü [1]");
    socket.emit("end");
  });
  for (const name of ["one", "two", "three"]) ask(name);
  await end;
  expect(heard.map((one) => (one as unknown[]).filter((word) => word !== "quickly"))).toEqual([
    ["lost", 1],
    ["one", 2],
    ["deliver", expect.anything()],
    ["two", [4]],
    ["lost", 5],
    ["three", "ü [1]"],
  ]);
});

test("behind what waits for its turn an answer waits as well", async () => {
  const { client, heard, said } = await openPair();
  client.emit("first", (answer: unknown) => void heard.push(["answer", answer]));
  said('42/acme/vendor,["lost",1]', "43/acme/vendor,0[2]");
  expect(heard).toEqual([]);
  await new Promise(setImmediate);
  expect(heard).toEqual([
    ["lost", 1],
    ["answer", 2],
  ]);
});

test.each(["43/acme/vendor,0[", '43/acme/vendor,0{"a":1}', "43/acme/vendor,0x[1]", "43/acme/vendor,[1"])(
  "%s is no answer: Socket.IO's to refuse",
  async (text) => {
    const { client, heard, said } = await openPair();
    client.emit("first", (answer: unknown) => void heard.push(answer));
    const closed = new Promise((resolve) => client.once("disconnect", resolve));
    said(text);
    expect([await closed, heard]).toEqual(["parse error", []]);
  },
);

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
