import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket as TcpSocket } from "node:net";
import { type Socket as Connection, Server } from "engine.io";
import { expect, onTestFinished, test } from "vitest";
import { openRawPeer } from "../../test/raw-peer.ts";
import { readFramesQuickly } from "./quick-frames.ts";

type Below = NodeJS.EventEmitter & { readonly _socket: TcpSocket; readonly readyState: number; close(): void };

/** A WebSocket that writes down what it hears, and which way that came. `feed`: as if it came over its connection, in these chunks. */
async function openRig({ isQuick = true, payloadMax = 100_000 } = {}) {
  const http = createServer();
  const engine = new Server({ maxHttpBufferSize: payloadMax, transports: ["websocket"] });
  engine.attach(http, { path: "/socket.io" });
  onTestFinished(() => void http.close());
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const connected = once(engine, "connection") as Promise<[Connection]>;
  const peer = await openRawPeer(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  onTestFinished(() => peer.close());
  const [connection] = await connected;
  const webSocket = (connection.transport as unknown as { socket: Below }).socket;
  const heard: [way: string, what: string][] = [];
  webSocket.removeAllListeners("message");
  webSocket.on("message", (data: Buffer, isBinary: boolean) => heard.push(["ws", isBinary ? data.toString("hex") : data.toString()]));
  const takeText = (chunk: Buffer, from: number, to: number): boolean => {
    const text = chunk.toString("utf8", from, to);
    if (!text.includes("\ufffd")) heard.push(["ours", text]);
    return !text.includes("\ufffd");
  };
  if (isQuick) readFramesQuickly(webSocket, { takeText });
  const feed = (...chunks: Buffer[]) => {
    // Both ways unmask where the bytes lie.
    for (const chunk of chunks) webSocket._socket.emit("data", Buffer.from(chunk));
  };
  return { webSocket, peer, heard, feed };
}

const MASK = Buffer.from([0x12, 0x83, 0x9a, 0x77]);
const TEXT = 0x1;
const FINAL = 0x80;

/** RFC 6455, 5.2. */
function frame(data: string | Buffer, { first = FINAL | TEXT, mask = MASK as Buffer | null } = {}): Buffer {
  const bytes = Buffer.from(data as string);
  const masked = mask ? 0x80 : 0;
  const { length } = bytes;
  const long = Buffer.alloc(8);
  long.writeUInt32BE(length, 4);
  const head = length < 126 ? [masked | length] : length < 65_536 ? [masked | 126, length >> 8, length & 255] : [masked | 127, ...long];
  return Buffer.concat([Buffer.from([first, ...head]), mask ?? Buffer.alloc(0), bytes.map((byte, at) => byte ^ (mask?.[at & 3] ?? 0))]);
}

const event = (chars: number): string => `42/driver,1["ready",{"note":"${"é".repeat(chars)}"}]`;
const events = ["42", "43", "43/vendor,17[]", ...[0, 1, 2, 3, 48, 49, 50, 100, 1_000].map(event)];

const all = [
  ...events.map((text) => frame(text)),
  frame(event(2), { mask: Buffer.alloc(4) }),
  frame(event(40_000)),
  frame("", {}),
  frame("4", {}),
  frame("2probe"),
  frame('40/driver,{"token":"t"}'),
  frame('451-/driver,1["publish",{"_placeholder":true,"num":0}]'),
  frame(Buffer.from([4, 50, 51]), { first: FINAL | 0x2 }),
  frame("43/vendor,1", { first: TEXT }),
  frame("in between", { first: FINAL | 0x9 }),
  frame("8[]", { first: FINAL }),
  ...events.map((text) => frame(text)),
];

const inChunks = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, chunk) => bytes.subarray(chunk * size, (chunk + 1) * size));

test("what holds an event or an acknowledgement is read where it lies, all else by ws, and each in its turn", async () => {
  const { heard, feed } = await openRig();
  feed(...all);
  const ours = (text: string) => ["ours", text];
  expect(heard).toEqual([
    ...events.map(ours),
    ours(event(2)),
    ["ws", event(40_000)], // Its length takes eight bytes.
    ["ws", ""],
    ["ws", "4"],
    ["ws", "2probe"],
    ["ws", '40/driver,{"token":"t"}'],
    ["ws", '451-/driver,1["publish",{"_placeholder":true,"num":0}]'],
    ["ws", "043233"],
    ["ws", "43/vendor,18[]"],
    ...events.map(ours),
  ]);
});

test.each([1, 2, 3, 5, 7, 11, 64, 100, 127, 1_000, 65_536, 1_000_000])(
  "in chunks of %i bytes all is heard as ws hears it",
  async (size) => {
    const [ours, theirs] = [await openRig(), await openRig({ isQuick: false })];
    for (const { feed } of [ours, theirs]) feed(...inChunks(Buffer.concat(all), size));
    expect(theirs.heard).toHaveLength(all.length - 2);
    expect(ours.heard.map(([, what]) => what)).toEqual(theirs.heard.map(([, what]) => what));
  },
);

test("what lies in two chunks is theirs, and with the chunk after it the short way begins anew", async () => {
  const { heard, feed } = await openRig();
  const [whole, half] = [frame(event(1)), frame(event(2))];
  feed(Buffer.concat([whole, half.subarray(0, 9)]), Buffer.concat([half.subarray(9), whole]), whole);
  expect(heard.map(([way]) => way)).toEqual(["ours", "ws", "ws", "ours"]);
});

test("one byte of a frame is enough for the rest to be theirs, whatever that looks like", async () => {
  const { heard, feed } = await openRig();
  const next = frame(event(1));
  // Without its first byte: a masked text of two bytes, which are the next frame's first two, and an event's marks when unmasked.
  const misleading = frame("x", { mask: Buffer.from([0x82, 0x81 ^ 0x34, (next[1] ?? 0) ^ 0x32, 0]) });
  feed(misleading.subarray(0, 1), Buffer.concat([misleading.subarray(1), next]));
  expect(heard).toEqual([
    ["ws", "x"],
    ["ws", event(1)],
  ]);
});

test.each([
  ["an event that is not masked", 1002, frame(event(1), { mask: null })],
  ["one with a bit that nobody agreed on", 1002, frame(event(1), { first: FINAL | 0x40 | TEXT })],
  ["one that is not UTF-8", 1007, frame(Buffer.from([...Buffer.from('42["a'), 0xff, ...Buffer.from('"]')]))],
])("%s is refused by ws, as it always was; what came before it is heard, and nothing behind it", async (_, code, wrong) => {
  const { peer, heard, feed } = await openRig();
  feed(Buffer.concat([frame(event(0)), wrong, frame(event(3))]));
  expect(await peer.closed).toBe(code);
  expect(heard).toEqual([["ours", event(0)]]);
});

test("a text between the parts of another is refused by ws, as it always was", async () => {
  const { peer, heard, feed } = await openRig();
  feed(frame("43/vendor,1", { first: TEXT }), frame(event(1)));
  expect(await peer.closed).toBe(1002);
  expect(heard).toEqual([]);
});

test("where less is allowed than is read here, ws reads all, and refuses what is too long", async () => {
  const { peer, heard, feed } = await openRig({ payloadMax: 100 });
  feed(frame(event(1)), frame(event(100)));
  expect(await peer.closed).toBe(1009);
  expect(heard).toEqual([["ws", event(1)]]);
});

test("what comes while the WebSocket closes is theirs", async () => {
  const { webSocket, heard, feed } = await openRig();
  webSocket.close();
  feed(frame(event(1)));
  expect(heard).toEqual([["ws", event(1)]]);
});
