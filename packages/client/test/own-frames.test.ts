import { expect, test } from "vitest";
import { emitBytes } from "../src/bytes-message.ts";
import { emitJson } from "../src/json-message.ts";
import { writeFrames } from "../src/own-frames.ts";
import { UnseenWebSocket } from "../src/unseen-websocket.ts";
import { openBarePair } from "./bare-pair.ts";

const namespace = "/acme/vendor";
const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index % 251);

async function openPair() {
  const { client, socket } = await openBarePair([UnseenWebSocket], namespace);
  const heard: unknown[] = [];
  socket.onAny((name: string, what: unknown, answer?: (body: unknown) => void) => {
    heard.push([name, what instanceof Uint8Array ? [...what] : what]);
    answer?.(heard.length);
  });
  const { ws } = client.io.engine.transport as unknown as {
    ws: { send(...args: unknown[]): void };
  };
  const theirs: unknown[] = [];
  const send = ws.send.bind(ws);
  ws.send = (...args) => {
    theirs.push(args[0]);
    send(...args);
  };
  const publish = (bytes: Uint8Array) =>
    new Promise<unknown[]>((tell) =>
      emitBytes(client, "publish", bytes, {
        namespace,
        withinMs: 10_000,
        answered: (...told) => tell(told),
      }),
    );
  /** Resolves when all that was said before was heard. */
  const spoken = () => new Promise<void>((resolve) => client.emit("end", 0, () => resolve()));
  return { client, socket, heard, theirs, publish, spoken };
}

// A head is longer from 126 bytes on; the names around it are part of the text.
test.each([0, 1, ...Array.from({ length: 20 }, (_, index) => 85 + index), 125, 126, 5_000, 60_000])(
  "a text with %i characters arrives, past Engine.IO and ws",
  async (length) => {
    const { client, heard, theirs, spoken } = await openPair();
    const text = "x".repeat(length);
    emitJson(client, namespace, "settle", JSON.stringify(text));
    expect(theirs).toEqual([]);
    await spoken();
    expect(heard[0]).toEqual(["settle", text]);
  },
);

test.each([0, 1, 125, 126, 65_535])("%i bytes arrive, past Engine.IO and ws, and are answered", async (length) => {
  const { heard, theirs, publish } = await openPair();
  const answered = publish(bytesOf(length));
  expect(theirs).toEqual([]);
  expect(await answered).toEqual([null, 1]);
  expect(heard).toEqual([["publish", [...bytesOf(length)]]]);
});

test("what is written so, and what goes through Engine.IO, arrives in the order in which it was said", async () => {
  const { client, heard, theirs, publish, spoken } = await openPair();
  const said: unknown[] = [];
  const say = (name: string, what: unknown, how: () => void) => {
    said.push([name, what instanceof Uint8Array ? [...what] : what]);
    how();
  };
  for (let round = 0; round < 20; round += 1) {
    for (let index = 0; index < round % 4; index += 1) say("settle", index, () => emitJson(client, namespace, "settle", `${index}`));
    if (round % 3 === 0) say("credit", round, () => void client.emit("credit", round));
    say("publish", bytesOf(round), () => void publish(bytesOf(round)));
    if (round % 5 === 0) say("settle", "ü", () => emitJson(client, namespace, "settle", '"ü"'));
    say("settle", round, () => emitJson(client, namespace, "settle", `${round}`));
    if (round % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await spoken();
  expect(heard.slice(0, -1)).toEqual(said);
  expect(theirs.length).toBeGreaterThan(0);
});

test.each([
  ["a text that is not ASCII", (): [string, Uint8Array | null] => ["2/,ü", null]],
  ["a text that is long", (): [string, Uint8Array | null] => ["x".repeat(65_535), null]],
  ["bytes that are many", (): [string, Uint8Array | null] => ["x", bytesOf(65_536)]],
])("%s is left to Engine.IO", async (_what, message) => {
  const { client } = await openPair();
  expect(writeFrames(client.io.engine, ...message())).toBe(false);
});

test("where messages wait in Engine.IO or in ws, where they are masked, and behind the end, it is left to them", async () => {
  const { client } = await openPair();
  const { transport } = client.io.engine;
  const { ws } = transport as unknown as {
    ws: { _sender: { _state: number } };
  };
  const takes = () => writeFrames(client.io.engine, "2/nowhere,[]", null);
  ws._sender._state = 1;
  expect(takes()).toBe(false);
  ws._sender._state = 0;
  expect(takes()).toBe(true);
  client.emit("credit", 1);
  expect(takes()).toBe(false);
  const left = new Promise((resolve) => client.once("disconnect", resolve));
  client.disconnect();
  await left;
  expect(takes()).toBe(false);
  const { client: masked } = await openBarePair(["websocket"], namespace);
  expect(writeFrames(masked.io.engine, "2/nowhere,[]", null)).toBe(false);
});
