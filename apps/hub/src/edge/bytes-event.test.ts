import { expect, test } from "vitest";
import { openWatchedPair } from "../../test/watched-pair.ts";
import { sendBytes } from "./bytes-event.ts";
import { waitingBytesOf } from "./outgoing.ts";
import { sendText, textPacket } from "./texts.ts";
import { sendNow } from "./turn-end.ts";

/** Both ends of a connection. The client writes down what it hears; `handedOver`: how many packets the transport was given, each time. */
async function openPair(transport: "websocket" | "polling" = "websocket") {
  const { socket, client } = await openWatchedPair(transport, "/vendor");
  const heard: unknown[] = [];
  const end = new Promise<void>((resolve) => {
    client.onAny((name, what) => (name === "end" ? resolve() : heard.push([name, what])));
  });
  const handedOver: number[] = [];
  const { transport: below } = socket.conn;
  const { send } = below;
  below.send = (packets) => {
    handedOver.push(packets.length);
    send.call(below, packets);
  };
  return { socket, heard, end, handedOver };
}

const bytesOf = (length: number): Buffer => Buffer.alloc(length, length % 251);
/** Around each length at which a frame's head changes. */
const lengths = [0, 1, 125, 126, 65_535, 65_536, 200_000];

test.each(["websocket", "polling"] as const)(
  "bytes arrive as `emit` would have sent them, whatever their length, over %s",
  async (transport) => {
    const { socket, heard, end } = await openPair(transport);
    for (const length of lengths) sendBytes(socket, "delivers", bytesOf(length));
    socket.emit("end");
    await end;
    expect(heard).toEqual(lengths.map((length) => ["delivers", bytesOf(length)]));
  },
);

test("what else is sent to the connection meanwhile stays in its place", async () => {
  const { socket, heard, end } = await openPair();
  sendText(socket, textPacket('2/vendor,["say",1]'));
  sendBytes(socket, "delivers", bytesOf(2));
  socket.emit("lost", 3);
  sendBytes(socket, "delivers", bytesOf(4));
  sendText(socket, textPacket('2/vendor,["end"]'));
  await end;
  expect(heard).toEqual([
    ["say", 1],
    ["delivers", bytesOf(2)],
    ["lost", 3],
    ["delivers", bytesOf(4)],
  ]);
});

test("what waits is counted at once; it leaves with its turn, or when it is told to", async () => {
  const { socket, heard, end, handedOver } = await openPair();
  sendBytes(socket, "delivers", bytesOf(1_000));
  expect(waitingBytesOf(socket.conn)).toBeGreaterThan(1_000);
  expect(handedOver).toEqual([]);
  sendNow(socket.conn);
  expect([waitingBytesOf(socket.conn), handedOver]).toEqual([0, [1]]);
  // Told again there is nothing, and what comes behind it in the turn leaves as ever.
  sendNow(socket.conn);
  socket.emit("end");
  await end;
  expect([heard, handedOver]).toEqual([[["delivers", bytesOf(1_000)]], [1, 1]]);
});

test("nothing is sent to a connection that is closing", async () => {
  const { socket, handedOver } = await openPair();
  socket.conn.close();
  sendBytes(socket, "delivers", bytesOf(1));
  await new Promise(setImmediate);
  expect(waitingBytesOf(socket.conn)).toBe(0);
  expect(handedOver).toEqual([]);
});
