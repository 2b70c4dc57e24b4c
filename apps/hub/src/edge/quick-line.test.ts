import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { io } from "socket.io-client";
import { expect, onTestFinished, test } from "vitest";
import { openRawPeer } from "../../test/raw-peer.ts";
import { createGuardedParser } from "./guarded-parser.ts";
import { serveQuickly } from "./quick-line.ts";

/** A server that writes down what it hears, and which way that came: until `end`, which is not written down. */
async function openServer() {
  const http = createServer();
  const server = new Server(http, { parser: createGuardedParser(() => {}, ["/vendor"]) });
  onTestFinished(() => server.close());
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const heard: unknown[] = [];
  let end = Promise.withResolvers<void>();
  const hear = (way: string, name: unknown, more: unknown[]) => (name === "end" ? end.resolve() : heard.push([way, name, ...more]));
  const vendor = server.of("/vendor");
  const connected = once(vendor, "connection") as Promise<[Socket]>;
  vendor.on("connection", (socket) => {
    socket.use(
      ([name, ...args]) =>
        void hear(
          "theirs",
          name,
          args.filter((arg) => typeof arg !== "function"),
        ),
    );
    serveQuickly({
      socket,
      hear: (name, args, id) => void hear("ours", name, id === null ? args : [...args, { id }]),
      hearBytes(bytes, { name, id, from, to }) {
        if (name === "bytes") hear("ours", name, [bytes.toString("utf8", from, to), { id }]);
        return name === "bytes";
      },
    });
  });
  const heardToEnd = async () => {
    await end.promise;
    end = Promise.withResolvers();
    return heard.splice(0);
  };
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, connected, heardToEnd };
}

/** With a peer that speaks as it is told to. */
async function openLine() {
  const { url, connected, heardToEnd } = await openServer();
  const peer = await openRawPeer(url);
  onTestFinished(() => peer.close());
  peer.send("0/vendor,{}");
  const [socket] = await connected;
  await peer.packet("0/vendor,");
  /** What of these was heard, and how. */
  const say = (...packets: (string | Uint8Array)[]) => {
    for (const packet of [...packets, '2/vendor,["end"]']) typeof packet === "string" ? peer.send(packet) : peer.sendBytes(packet);
    return heardToEnd();
  };
  return { socket, peer, say };
}

test("an event and an acknowledgement come the short way, each to whom it is for", async () => {
  const { socket, say } = await openLine();
  const answered: unknown[] = [];
  for (const more of [1, 2, 3]) socket.emit("ask", (...args: unknown[]) => void answered.push([more, ...args]));
  const first = (socket.nsp as unknown as { _ids: number })._ids - 3;
  const heard = await say(
    '2/vendor,["ready",{"parcel":"ünd 📦"}]',
    `3/vendor,${first + 2}[]`,
    `3/vendor,${first}["no",{"nack":"later"}]`,
    `3/vendor,${first + 2}[]`, // Answered already.
    "3/vendor,999999[]", // Nobody asked.
    '2/vendor,17["ready",1,2]',
  );
  expect(heard).toEqual([
    ["ours", "ready", { parcel: "ünd 📦" }],
    ["ours", "ready", 1, 2, { id: 17 }],
  ]);
  expect(answered).toEqual([[3], [1, "no", { nack: "later" }]]);
});

test("an event of one argument that waits for an answer is offered as bytes, and heard as a value if they are not taken", async () => {
  const { say } = await openLine();
  const heard = await say(
    '2/vendor,7["bytes",{"a":"ü"}]',
    '2/vendor,8["value",{"a":1}]',
    '2/vendor,["bytes",{"a":1}]',
    '2/vendor,9["bytes",1]',
  );
  expect(heard).toEqual([
    ["ours", "bytes", '{"a":"ü"}', { id: 7 }],
    ["ours", "value", { a: 1 }, { id: 8 }],
    ["ours", "bytes", { a: 1 }],
    ["ours", "bytes", 1, { id: 9 }],
  ]);
});

/** The next one that its WebSocket hands over. */
function messageOf({ conn }: Socket): Promise<unknown> {
  const { transport } = conn as unknown as { transport: { socket: NodeJS.EventEmitter } };
  return once(transport.socket, "message");
}

const announced = '51-/vendor,7["publish",{"_placeholder":true,"num":0}]';

test("an event of bytes that waits for an answer comes the short way, with the bytes behind it", async () => {
  const { say } = await openLine();
  const [first, second] = [new Uint8Array([1, 2]), new Uint8Array()];
  expect(await say(announced, first, '2/vendor,["a"]', announced, second)).toEqual([
    ["ours", "publish", Buffer.from(first), { id: 7 }],
    ["ours", "a"],
    ["ours", "publish", Buffer.from(second), { id: 7 }],
  ]);
});

test("an event goes their way with its bytes, when a ping was sent between the two", async () => {
  const { socket, peer, say } = await openLine();
  const came = messageOf(socket);
  peer.send(announced);
  await came;
  (socket.conn as unknown as { resetPingTimeout(): void }).resetPingTimeout();
  expect(await say(new Uint8Array([1]), '2/vendor,["a"]')).toEqual([
    ["theirs", "publish", Buffer.from([1])],
    ["theirs", "a"],
  ]);
});

test("nothing overtakes what went their way", async () => {
  const { say } = await openLine();
  const bytes = new Uint8Array([1]);
  const withBytes = '51-/vendor,["publish",{"_placeholder":true,"num":0}]';
  const heard = await say('2/vendor,["a"]', withBytes, bytes, '2/vendor,["b"]', '2/vendor,["c"]');
  expect(heard.map((one) => (one as unknown[])[1])).toEqual(["a", "publish", "b", "c"]);
  expect(await say('2/vendor,["later"]')).toEqual([["ours", "later"]]);
});

test.each([
  [announced, '2/vendor,["a"]'],
  [announced, "3/vendor,17[]"],
  ['51-/vendor,["publish",{"_placeholder":true,"num":0}]', '2/vendor,["a"]'],
])("a text where bytes should come is theirs to refuse, as it always was: %s, then %s", async (text, next) => {
  const { socket, peer } = await openLine();
  const came = messageOf(socket);
  peer.send(text);
  await came;
  peer.send(next);
  await peer.closed;
});

test("while a ping waits for its answer, Engine.IO sees all that comes", async () => {
  const { socket, say } = await openLine();
  const connection = socket.conn as unknown as { resetPingTimeout(): void; hasRefreshedPingTimeout: boolean };
  connection.resetPingTimeout();
  expect(await say('2/vendor,["a"]')).toEqual([["theirs", "a"]]);
  expect(connection.hasRefreshedPingTimeout).toBe(true);
});

test.each([
  ["for a namespace that it did not ask for", '2/driver,["a"]'],
  ["for one whose name begins the same", '2/vendors,["a"]'],
  ["that nests too deep", `2/vendor,["a",${"[".repeat(100)}${"]".repeat(100)}]`],
  ["that is no JSON", '2/vendor,["a"'],
])("a packet %s closes the connection, as it always did", async (_, ...packets) => {
  const { peer } = await openLine();
  for (const packet of packets) peer.send(packet);
  await peer.closed;
});

test("a connection that begins with polling has the short way from its WebSocket on", async () => {
  const { url, heardToEnd } = await openServer();
  const client = io(`${url}/vendor`, { forceNew: true });
  onTestFinished(() => void client.close());
  await once(client as never, "connect");
  if (client.io.engine.transport.name !== "websocket") await once(client.io.engine as never, "upgrade");
  client.emit("a");
  client.emit("end");
  expect(await heardToEnd()).toEqual([["ours", "a"]]);
});

test("a socket that said goodbye is not heard any more, and the one that comes after it is", async () => {
  const { socket, peer, say } = await openLine();
  expect(await say('2/vendor,["a"]')).toEqual([["ours", "a"]]);
  const gone = once(socket, "disconnect");
  peer.send("1/vendor,");
  await gone;
  const [next] = await openAgain(peer, socket);
  expect(next).not.toBe(socket);
  expect(await say('2/vendor,["b"]')).toEqual([["ours", "b"]]);
  peer.send("1/vendor,");
  await once(next, "disconnect");
  peer.send('2/vendor,["c"]');
  await peer.closed;
});

test("what comes the short way is read where it lies, and must be UTF-8 as all else", async () => {
  const { socket, peer, say } = await openLine();
  const webSocket = (socket.conn.transport as unknown as { socket: NodeJS.EventEmitter & { _socket: NodeJS.EventEmitter } }).socket;
  webSocket.removeAllListeners("message");
  expect(await say('2/vendor,["a"]', '2/vendor,7["bytes",{"a":"ü"}]')).toHaveLength(2);
  const bytes = Buffer.from('42/vendor,8["bytes",{"a":"?"}]');
  bytes[bytes.indexOf("?")] = 0xff;
  webSocket._socket.emit("data", Buffer.from([0x81, 0x80 | bytes.length, 0, 0, 0, 0, ...bytes]));
  expect(await peer.closed).toBe(1007);
});

async function openAgain(peer: { send(packet: string): void }, { nsp }: Socket): Promise<[Socket]> {
  const connected = once(nsp, "connection") as Promise<[Socket]>;
  peer.send("0/vendor,{}");
  return connected;
}
