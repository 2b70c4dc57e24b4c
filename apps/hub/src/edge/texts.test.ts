import { expect, test } from "vitest";
import { openHeardPair } from "../../test/heard-pair.ts";
import { waitingBytesOf } from "./outgoing.ts";
import { sendText, type TextPacket, textPacket } from "./texts.ts";

const saying = (json: string): TextPacket => textPacket(`2/vendor,["say",${json}]`);
const end = textPacket('2/vendor,["end"]');

// With what stands around them they pass over both lengths at which a frame's head changes.
const values = [...Array.from({ length: 20 }, (_, more) => "x".repeat(100 + more)), "ünd 📦 €", { a: [1, null] }, ""];

test.each(["websocket", "polling"] as const)("what is sent in one turn arrives whole and in order, over %s", async (transport) => {
  const { socket, heard, end: ended, handedOver } = await openHeardPair(transport);
  for (const value of values) sendText(socket, saying(JSON.stringify(value)));
  sendText(socket, end);
  await ended;
  expect(heard).toEqual(values.map((value) => ["say", value]));
  if (transport === "websocket") expect(handedOver).toEqual([1]);
});

test("what else is sent to the connection meanwhile stays in its place", async () => {
  const { socket, heard, end: ended } = await openHeardPair();
  sendText(socket, saying("1"));
  socket.emit("other", 2);
  sendText(socket, saying("3"));
  socket.emit("bytes", Buffer.from([4]));
  sendText(socket, saying("5"));
  sendText(socket, saying(`"${"x".repeat(70_000)}"`)); // Longer than frames of this form.
  sendText(socket, saying("6"));
  sendText(socket, end);
  await ended;
  expect(heard).toEqual([
    ["say", 1],
    ["other", 2],
    ["say", 3],
    ["bytes", Buffer.from([4])],
    ["say", 5],
    ["say", "x".repeat(70_000)],
    ["say", 6],
  ]);
});

test("what waits is counted at once, and once", async () => {
  const { socket, end: ended } = await openHeardPair();
  const connection = socket.conn;
  connection.transport.writable = false; // As while what was sent before is on its way.
  sendText(socket, saying("1"));
  const one = '42/vendor,["say",1]'.length;
  expect(waitingBytesOf(connection)).toBe(one);
  sendText(socket, end);
  await new Promise(setImmediate);
  expect(waitingBytesOf(connection)).toBe(one + '42/vendor,["end"]'.length);
  connection.transport.writable = true;
  connection.transport.emit("ready");
  await ended;
  expect(waitingBytesOf(connection)).toBe(0);
});

test("nothing is sent to a connection that is closing", async () => {
  const { socket, handedOver } = await openHeardPair();
  socket.conn.close();
  sendText(socket, saying("1"));
  await new Promise(setImmediate);
  expect(waitingBytesOf(socket.conn)).toBe(0);
  expect(handedOver).toEqual([]);
});
