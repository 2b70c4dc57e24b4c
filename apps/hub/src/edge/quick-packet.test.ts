import { Decoder, type Packet } from "socket.io-parser";
import { expect, test } from "vitest";
import { QuickPackets, readBytesEvent, readEmptyAck, readOneArgument } from "./quick-packet.ts";

/** What Socket.IO makes of it. `null`: an error, or bytes have to follow. */
function bySocketIo(text: string, ...bytes: Buffer[]): Packet | null {
  let found: Packet | null = null;
  const decoder = new Decoder();
  decoder.on("decoded", (packet: Packet) => {
    found = packet;
  });
  try {
    for (const part of [text, ...bytes]) decoder.add(part);
  } catch {
    return null;
  }
  return found;
}

const event = '["in-transit",{"parcel":"p","note":"a \\"quote\\", ünd 📦","list":[1,null]}]';

test.each([
  ["an event with an id", `2/vendor,17${event}`],
  ["with the first one", `2/vendor,0${event}`],
  ["with one of fifteen digits", `2/vendor,123456789012345${event}`],
  ["with zeros before it", `2/vendor,007${event}`],
  ["without one", `2/vendor,${event}`],
  ["on the root namespace", `212${event}`],
  ["on the root namespace, named", `2/,12${event}`],
  ["a namespace that looks like a list", `2/a["b",12${event}`],
  ["a namespace with a query", `2/vendor?token=[1],12${event}`],
  ["an acknowledgement", '3/vendor,17["yes",{"nack":"later"}]'],
  ["an empty one", "3/vendor,17[]"],
  ["an empty one with a blank", "3/vendor,17[ ]"],
  ["one without an id", "3/vendor,[]"],
])("%s is read as Socket.IO reads it", (_, text) => {
  const read = new QuickPackets().read(text);
  expect(read).not.toBeNull();
  expect(read).toEqual(bySocketIo(text));
});

test.each([
  ["a CONNECT", '0/vendor,{"token":"t"}'],
  ["a DISCONNECT", "1/vendor,"],
  ["an event with bytes", '51-/vendor,12["publish",{"_placeholder":true,"num":0}]'],
  ["an event without a name", "2/vendor,[]"],
  ["one whose name is a number", "2/vendor,[1]"],
  ["one whose name Socket.IO keeps for itself", '2/vendor,["disconnect"]'],
  ["one that is no list", '2/vendor,{"0":"in-transit"}'],
  ["one that ends too early", '2/vendor,["in-transit"'],
  ["one with something behind it", `2/vendor,${event}x`],
  ["a namespace without an end", '2/vendor["in-transit"]'],
  ["an id that no number holds", `2/vendor,1234567890123456${event}`],
  ["an id with a blank", `2/vendor,1 ${event}`],
  ["nothing", ""],
  ["a name alone", "2"],
])("%s is left to Socket.IO", (_, text) => {
  expect(new QuickPackets().read(text)).toBeNull();
});

test("what one packet's namespace was says nothing of the next", () => {
  const packets = new QuickPackets();
  const namespaces = ["/vendor", "/vendor", "/vendors", "/vend", "/", "/vendor", "/acme/vendor"];
  const found = namespaces.map((namespace) => packets.read(`2${namespace},["ready"]`)?.nsp);
  expect(found).toEqual(namespaces);
  expect(packets.read('2["ready"]')?.nsp).toBe("/");
});

test("a packet with any one character changed is read as Socket.IO reads it, or left to it", () => {
  for (const text of ['2/vendor,17["a",{"b":1}]', "3/vendor,17[]", '24["a"]']) {
    for (let at = 0; at < text.length; at += 1) {
      for (const char of ["", ",", "/", "[", "]", '"', "{", " ", "0", "9", "-", ".", "e", "\\"]) {
        const changed = text.slice(0, at) + char + text.slice(at + 1);
        const read = new QuickPackets().read(changed);
        if (read !== null) expect(read, changed).toEqual(bySocketIo(changed));
      }
    }
  }
});

test("an empty acknowledgement's id is read from its bytes as from its text, and nothing else is taken for one", () => {
  /** Among others, which say nothing of it. */
  const idOf = (text: string) => {
    const data = Buffer.from(`43/vendor,9[]4${text}43/vendor,8[]`);
    return readEmptyAck(data, { from: 13, to: data.length - 13 }, "/vendor");
  };
  expect(["3/vendor,0[]", "3/vendor,17[]", "3/vendor,007[]", "3/vendor,123456789012345[]"].map((text) => idOf(text))).toEqual([
    0, 17, 7, 123456789012345,
  ]);
  for (const text of ["3/vendor,[]", "3/vendor,1234567890123456[]", "3/vendor,17[1]", '3/vendor,17["[]"]', "3/vendors,17[]", "3[]", ""])
    expect(idOf(text), text).toBe(-1);
  const text = "3/vendor,17[]";
  for (let at = 1; at < text.length; at += 1) {
    for (const char of ["", ",", "/", "[", "]", " ", "0", "9", "-", "é"]) {
      const changed = text.slice(0, at) + char + text.slice(at + 1);
      const read = new QuickPackets().read(changed);
      const expected = read?.nsp === "/vendor" && read.data.length === 0 && changed.endsWith("[]") ? (read.id ?? -1) : -1;
      expect(idOf(changed), changed).toBe(expected);
    }
  }
});

test("an event of one argument is found in its bytes as in its text, and nothing else is taken for one", () => {
  const found = (text: string) => {
    const bytes = Buffer.from(`4${text}`);
    const event = readOneArgument(bytes, "/vendor");
    return event && { ...event, json: bytes.toString("utf8", event.from, event.to) };
  };
  const text = '2/vendor,17["ready",{"note":"ünd [\\"📦"}]';
  expect(found(text)).toMatchObject({ name: "ready", id: 17, json: '{"note":"ünd [\\"📦"}' });
  for (let at = 1; at < text.length; at += 1) {
    for (const char of ["", ",", "/", "[", "]", "{", "}", " ", "0", "-", '"', "\\"]) {
      // As it comes over the wire, where half of a character is none.
      const changed = Buffer.from(text.slice(0, at) + char + text.slice(at + 1)).toString();
      const event = found(changed);
      const read = new QuickPackets().read(changed);
      // Whoever takes the bytes knows the name, and parses them; of those that are JSON, they are what Socket.IO reads.
      if (event?.name !== "ready" || jsonOf(event.json) === undefined) continue;
      expect(read, changed).toMatchObject({ nsp: "/vendor", id: event.id, data: [event.name, jsonOf(event.json)] });
    }
  }
});

test("an event of bytes is read as Socket.IO reads it with the bytes behind it, and nothing else is taken for one", () => {
  const bytes = Buffer.from([1, 2]);
  const text = '51-/vendor,17["publish",{"_placeholder":true,"num":0}]';
  expect(readBytesEvent(Buffer.from(`4${text}`), "/vendor")).toEqual({ name: "publish", id: 17 });
  let taken = 0;
  for (let at = 0; at < text.length; at += 1) {
    for (const char of ["", ",", "/", "[", "]", "{", "}", " ", "0", "2", "-", '"', "\\", "x", "é"]) {
      const changed = text.slice(0, at) + char + text.slice(at + 1);
      const event = readBytesEvent(Buffer.from(`4${changed}`), "/vendor");
      if (event === null) continue;
      taken += 1;
      expect(bySocketIo(changed, bytes), changed).toMatchObject({ nsp: "/vendor", id: event.id, data: [event.name, bytes] });
    }
  }
  expect(taken).toBeGreaterThan(10);
  for (const other of [
    '52-/vendor,17["publish",{"_placeholder":true,"num":0}]',
    text.replace("publish", "disconnect"),
    text.replace("/vendor,", ""),
  ])
    expect(readBytesEvent(Buffer.from(`4${other}`), "/vendor"), other).toBeNull();
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
