import { expect, test } from "vitest";
import { openHeardPair } from "../../test/heard-pair.ts";
import { type OwnBytes, sendBytes } from "./bytes-event.ts";
import { waitingBytesOf } from "./outgoing.ts";
import { sendText, textPacket } from "./texts.ts";
import { sendNow } from "./turn-end.ts";

const bytesOf = (length: number): Buffer => Buffer.alloc(length, length % 251);
const own = (length: number): OwnBytes => ({ length, write: (into, at) => void bytesOf(length).copy(into, at) });
/** Around each length at which a frame's head changes. */
const lengths = [0, 1, 125, 126, 65_535, 65_536, 200_000];

test.each(["websocket", "polling"] as const)(
  "bytes arrive as `emit` would have sent them, whatever their length, over %s",
  async (transport) => {
    const { socket, heard, end } = await openHeardPair(transport);
    for (const length of lengths) sendBytes(socket, "delivers", own(length));
    socket.emit("end");
    await end;
    expect(heard).toEqual(lengths.map((length) => ["delivers", bytesOf(length)]));
  },
);

test("what else is sent to the connection meanwhile stays in its place", async () => {
  const { socket, heard, end } = await openHeardPair();
  sendText(socket, textPacket('2/vendor,["say",1]'));
  sendBytes(socket, "delivers", own(2));
  socket.emit("lost", 3);
  sendBytes(socket, "delivers", own(4));
  sendText(socket, textPacket('2/vendor,["end"]'));
  await end;
  expect(heard).toEqual([
    ["say", 1],
    ["delivers", bytesOf(2)],
    ["lost", 3],
    ["delivers", bytesOf(4)],
  ]);
});

test("what is announced bears the name of what is sent", async () => {
  const { socket, heard, end } = await openHeardPair();
  for (const name of ["delivers", "other", "delivers"]) sendBytes(socket, name, own(3));
  socket.emit("end");
  await end;
  expect(heard).toEqual(["delivers", "other", "delivers"].map((name) => [name, bytesOf(3)]));
});

test("what waits is counted at once; it leaves with its turn, or when it is told to", async () => {
  const { socket, heard, end, handedOver } = await openHeardPair();
  sendBytes(socket, "delivers", own(1_000));
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
  const { socket, handedOver } = await openHeardPair();
  socket.conn.close();
  sendBytes(socket, "delivers", own(1));
  await new Promise(setImmediate);
  expect(waitingBytesOf(socket.conn)).toBe(0);
  expect(handedOver).toEqual([]);
});
